"""The floor of a synth: an app that imports what ours does and makes one stack with next to nothing in it."""

import aws_cdk as cdk
import pydantic
import yaml
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

LOADED = (pydantic, yaml, apigateway, cloudwatch, cognito, dynamodb, iam, lambda_, secretsmanager, ssm)


def main() -> None:
    app = cdk.App()
    stage = cdk.Stage(app, "dev", env=cdk.Environment(region="us-east-1"))
    stack = cdk.Stack(stage, "bare", stack_name="bare")
    logs.LogGroup(stack, "Logs", retention=logs.RetentionDays.ONE_MONTH)
    app.synth()


if __name__ == "__main__":
    main()
