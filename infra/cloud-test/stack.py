"""What a deployed stack consists of, and the routes that ministack does not make."""

import json
import re


def outputs(aws, name: str) -> dict[str, str]:
    stack = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def resources(aws, name: str) -> dict[str, str]:
    """Physical ids by logical ones."""
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    return {entry["LogicalResourceId"]: entry["PhysicalResourceId"]
            for page in pages for entry in page["StackResourceSummaries"]}


def processed(aws, name: str) -> dict:
    template = aws.client("cloudformation").get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    return template if isinstance(template, dict) else json.loads(template)


def wire(aws, name: str, template: dict, issuer: str, audience: str) -> str:
    """Makes the routes of the HTTP API, which ministack does not read out of the API's OpenAPI body; answers with its
    id. Which function serves a route, and whether it asks for a token, is as the transform has worked out."""
    gateway, known = aws.client("apigatewayv2"), resources(aws, name)
    apis = [logical for logical, entry in template["Resources"].items() if entry["Type"] == "AWS::ApiGatewayV2::Api"]
    [api] = apis
    authorizer = gateway.create_authorizer(
        ApiId=known[api], Name="Tokens", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": [audience]},
    )["AuthorizerId"]
    for path, methods in template["Resources"][api]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
            serves = known[re.search(r"functions/\$\{(\w+)[.}]", uri)[1]]
            # What an alias is called is its ARN already.
            if not serves.startswith("arn:"):
                serves = aws.client("lambda").get_function(FunctionName=serves)["Configuration"]["FunctionArn"]
            integration = gateway.create_integration(
                ApiId=known[api], IntegrationType="AWS_PROXY", IntegrationUri=serves, PayloadFormatVersion="2.0",
            )["IntegrationId"]
            asks = operation.get("security", [{"NONE": []}]) != [{"NONE": []}]
            gateway.create_route(
                ApiId=known[api], RouteKey=f"{method.upper()} {path}", Target=f"integrations/{integration}",
                **({"AuthorizationType": "JWT", "AuthorizerId": authorizer} if asks else {"AuthorizationType": "NONE"}),
            )
    return known[api]
