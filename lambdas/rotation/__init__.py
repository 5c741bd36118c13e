"""The rotation function of Secrets Manager: it makes, registers, proves and promotes app clients' secrets, unseen."""
