//! Handlers against embedded DynamoDB
