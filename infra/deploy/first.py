"""What an empty shop needs before it can sell: tables of taxes and shipping, and somebody who may change them."""

import json
from pathlib import Path

from botocore.exceptions import ClientError

from release import Refused

# The claims of whoever deploys, for calls that go to a function directly.
DEPLOYER = {"sub": "deploy", "cognito:groups": "[admin]"}


def event(method: str, route: str, parameters: dict[str, str], body: dict | None) -> dict:
    """A request as the gateway hands it to a function."""
    path = route
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value)
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "infra/deploy.sh"}
    context = {
        "accountId": "-", "apiId": "-", "domainName": "-", "domainPrefix": "-", "stage": "$default", "requestId": "deploy",
        "routeKey": f"{method} {route}", "time": "01/Jan/1970:00:00:00 +0000", "timeEpoch": 0, "http": http,
        "authorizer": {"jwt": {"claims": DEPLOYER, "scopes": None}},
    }
    return {
        "version": "2.0", "routeKey": f"{method} {route}", "rawPath": path, "rawQueryString": "",
        "headers": {"content-type": "application/json", "x-correlation-id": "deploy"}, "pathParameters": parameters,
        "requestContext": context, "isBase64Encoded": False, **({"body": json.dumps(body)} if body is not None else {}),
    }


class Functions:
    """Functions of the stack, asked directly: no token is at hand yet."""

    def __init__(self, lambda_client, stack: str):
        self.client, self.stack = lambda_client, stack

    def ask(self, function: str, request: dict) -> tuple[int, dict]:
        answer = self.client.invoke(
            FunctionName=f"{self.stack}-{function}", Qualifier="live", Payload=json.dumps(request).encode())
        payload = json.loads(answer["Payload"].read() or b"{}")
        if "statusCode" not in payload:
            raise Refused(f"{function} does not work: {payload}")
        return payload["statusCode"], json.loads(payload.get("body") or "{}")


def fill_tables(functions: Functions, file: Path) -> list[str]:
    """Fills the tables that nobody has filled yet; answers with their names."""
    filled = []
    for table, content in json.loads(file.read_text(encoding="utf-8")).items():
        route, which = "/api/settings/{table}", {"table": table}
        status, now = functions.ask("view-settings", event("GET", route, which, None))
        if status != 200:
            raise Refused(f"the table {table} cannot be read: {now}")
        if now.get("version", 0) != 0:
            continue
        status, answer = functions.ask("change-settings", event("PUT", route, which, content))
        if status != 200:
            raise Refused(f"the table {table} of {file} is refused: {answer}")
        filled.append(table)
    return filled


def make_admin(cognito, pool: str, email: str) -> bool:
    """Makes an administrator, whom Cognito sends a password; whether they are new."""
    who = {"UserPoolId": pool, "Username": email}
    try:
        cognito.admin_get_user(**who)
        new = False
    except ClientError as error:
        if error.response["Error"]["Code"] != "UserNotFoundException":
            raise
        cognito.admin_create_user(
            **who, DesiredDeliveryMediums=["EMAIL"],
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}])
        new = True
    cognito.admin_add_user_to_group(**who, GroupName="admin")
    return new
