//! A row as a function with its role.

use yaml_serde::Mapping;

use crate::Refusal;
use crate::flow::{comment, flow};
use crate::permissions::Word;
use crate::source;
use crate::table::{Context, Row, Trigger, camel};

/// What can carry tags has these.
pub(crate) const TAGS: &str = "      Tags: [{Key: service, Value: orders}, {Key: stage, Value: !Ref Stage}]\n";

/// The group that all functions of a context log to.
pub(crate) fn log_group(context: &str) -> String {
    format!(
        "  {logs}:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      \
         LogGroupName: !Sub \"/aws/lambda/${{AWS::StackName}}-{context}\"\n      \
         RetentionInDays: !Ref LogRetentionDays\n{TAGS}",
        logs = logs(context),
    )
}

fn logs(context: &str) -> String {
    format!("{}Logs", camel(context))
}

/// The function and its role.
pub(crate) fn resources(context: &Context, row: &Row, words: &[&Word]) -> Result<String, Refusal> {
    Ok(format!("{}\n{}", function(context, row, words)?, role(context, row, words)))
}

fn function(context: &Context, row: &Row, words: &[&Word]) -> Result<String, Refusal> {
    let (name, id, logs) = (&row.name, camel(&row.name), logs(&context.name));
    let mut text = comment(2, &source::told(row)) + &comment(2, &row.spec.about);
    text += &format!("  {id}:\n    Type: AWS::Serverless::Function\n");
    let scheduled = matches!(row.trigger, Trigger::Schedule(..));
    if scheduled {
        text += "    # No dead letters for a missed run: the next one finds the same.\n    Metadata:\n      \
                 cfn-lint: {config: {ignore_checks: [ES1007, ES4000]}}\n";
    }
    text += &format!(
        "    Properties:\n      FunctionName: !Sub \"${{AWS::StackName}}-{name}\"\n      \
         CodeUri: target/lambda/{name}/\n      AutoPublishCodeSha256: !Ref Release\n      \
         Role: !GetAtt {id}Role.Arn\n      LoggingConfig: {{LogGroup: !Ref {logs}}}\n",
    );
    let numbers = [("Timeout", row.spec.timeout), ("MemorySize", row.spec.memory)];
    for (setting, number) in numbers.into_iter().filter_map(|(setting, number)| Some((setting, number?))) {
        text += &format!("      {setting}: {number}\n");
    }
    let environment = environment(context, row, words)?;
    if !environment.is_empty() {
        text += "      Environment:\n        Variables:\n";
        for (name, value) in &environment {
            text += &format!("          {}: {}\n", flow(name), flow(value));
        }
    }
    if scheduled {
        text += "      # Ends before the next run starts, and is not repeated when it fails.\n      EventInvokeConfig:\n        \
                 MaximumRetryAttempts: 0\n        MaximumEventAgeInSeconds: 60\n";
    }
    Ok(text + "      Events:\n" + &source::events(row))
}

/// What the function's words bring along, then its own.
fn environment(context: &Context, row: &Row, words: &[&Word]) -> Result<Mapping, Refusal> {
    let mut all = Mapping::new();
    for part in words.iter().map(|word| word.environment()).chain([&row.spec.environment]) {
        for (name, value) in part {
            let before = all.insert(name.clone(), value.clone());
            if before.is_some_and(|before| before != *value) {
                let message = format!("environment: {} would have two values", flow(name));
                return Err(Refusal::of(&context.file, &row.name, &message));
            }
        }
    }
    Ok(all)
}

fn role(context: &Context, row: &Row, words: &[&Word]) -> String {
    let (name, id, logs) = (&row.name, camel(&row.name), logs(&context.name));
    let statements: String = words.iter().map(|word| word.statement()).collect();
    format!(
        "  {id}Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - {{Effect: Allow, Action: sts:AssumeRole, Principal: {{Service: lambda.amazonaws.com}}}}
      Policies:
        - PolicyName: {name}
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
{trigger}{statements}{logs}{TAGS}",
        trigger = source::statements(row),
        logs = allow("Logs", "logs:CreateLogStream, logs:PutLogEvents", &format!("!GetAtt {logs}.Arn")),
    )
}

/// A statement of Lambda's own.
pub(crate) fn allow(sid: &str, actions: &str, resource: &str) -> String {
    format!(
        "              - Sid: {sid}\n                Effect: Allow\n                Action: [{actions}]\n                \
         Resource: {resource}\n",
    )
}
