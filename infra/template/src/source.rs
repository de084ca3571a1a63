//! What invokes a function: events, the queues behind them, what the role needs for them, and the alarm on what fails.

use crate::flow::{comment, quoted};
use crate::function::{TAGS, allow};
use crate::table::{Queue, Route, Row, Stream, Trigger};

/// For the comment above the function.
pub(crate) fn told(row: &Row) -> String {
    match &row.trigger {
        Trigger::Routes(routes) => {
            let routes: Vec<_> = routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
            let open = if row.spec.open { " (no authorizer)" } else { "" };
            routes.join(", ") + open
        }
        Trigger::Stream(stream) => format!("Stream of {}", stream.table),
        Trigger::Queue(queue) => format!("{}Queue", queue.name),
        Trigger::Schedule(_, rate) => rate.clone(),
    }
}

/// Entries of the function's `Events`.
pub(crate) fn events(row: &Row) -> String {
    match &row.trigger {
        Trigger::Routes(routes) => routes.iter().map(|route| http(route, row.spec.open)).collect(),
        Trigger::Stream(stream) => from_stream(stream),
        Trigger::Queue(Queue { name, event, batch, .. }) => format!(
            "        {event}:
          Type: SQS
          Properties:
            Queue: !GetAtt {name}Queue.Arn
            BatchSize: {batch}
            FunctionResponseTypes: [ReportBatchItemFailures]
"
        ),
        Trigger::Schedule(event, rate) => format!(
            "        {event}:
          Type: Schedule
          Properties:
            Schedule: {rate}
            RetryPolicy:
              MaximumRetryAttempts: 0
"
        ),
    }
}

fn http(route: &Route, open: bool) -> String {
    let Route { event, method, path } = route;
    let auth = if open { "            Auth: {Authorizer: NONE}\n" } else { "" };
    format!(
        "        {event}:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: {method}
            Path: {path}
{auth}"
    )
}

fn from_stream(stream: &Stream) -> String {
    let Stream { name, event, table, only, .. } = stream;
    format!(
        "        {event}:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt {table}.StreamArn
            StartingPosition: TRIM_HORIZON
            # Every other write to the table is skipped free of charge.
            FilterCriteria:
              Filters:
                - Pattern: '{only}'
            BatchSize: 100
            # More than 1 keeps order only within an item, and an order's events are items of their own: they would overtake one another.
            ParallelizationFactor: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
            BisectBatchOnFunctionError: true
            # A record that still fails is set aside: the dead letter names its shard and sequence number, good for 24 hours.
            MaximumRetryAttempts: 10
            MaximumRecordAgeInSeconds: 21600
            DestinationConfig:
              OnFailure:
                Type: SQS
                Destination: !GetAtt {name}DeadLetters.Arn
"
    )
}

/// What Lambda needs on the function's behalf.
pub(crate) fn statements(row: &Row) -> String {
    match &row.trigger {
        Trigger::Routes(_) | Trigger::Schedule(..) => String::new(),
        Trigger::Queue(queue) => allow(
            "Trigger",
            "sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes",
            &format!("!GetAtt {}Queue.Arn", queue.name),
        ),
        Trigger::Stream(Stream { name, table, .. }) => {
            let read = "dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator, dynamodb:ListStreams";
            allow("Trigger", read, &format!("!GetAtt {table}.StreamArn"))
                + &allow("TriggerFailures", "sqs:SendMessage", &format!("!GetAtt {name}DeadLetters.Arn"))
        }
    }
}

/// The queues that stand behind the function's events.
pub(crate) fn resources(row: &Row) -> String {
    match &row.trigger {
        Trigger::Routes(_) | Trigger::Schedule(..) => String::new(),
        Trigger::Stream(stream) => {
            let why = "Not FIFO: a stream mapping can only write to a standard queue.";
            comment(2, &format!("{} {why}", stream.about)) + &dead_letters(&stream.name, false)
        }
        Trigger::Queue(queue) => {
            [waiting(queue), dead_letters(&queue.name, true), subscription(queue), policy(&queue.name)].join("\n")
        }
    }
}

const FIFO: &str = "      FifoQueue: true
      DeduplicationScope: messageGroup
      FifoThroughputLimit: perMessageGroupId
";

/// The retry interval is the visibility timeout; a message is received once more than it is retried.
fn waiting(queue: &Queue) -> String {
    let Queue { name, about, retries, seconds_between, .. } = queue;
    let delay = queue.delay.map_or_else(String::new, |delay| format!("      DelaySeconds: {delay}\n"));
    format!(
        "{about}  {name}Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub \"${{AWS::StackName}}-{lower}.fifo\"
{FIFO}      SqsManagedSseEnabled: true
{delay}      VisibilityTimeout: {seconds_between}
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt {name}DeadLetters.Arn
        maxReceiveCount: {received}
{TAGS}",
        about = comment(2, &format!("{about} {retries} retries, {seconds_between} seconds apart.")),
        lower = name.to_lowercase(),
        received = retries + 1,
    )
}

/// What fails all retries waits here for 14 days.
fn dead_letters(name: &str, fifo: bool) -> String {
    let (suffix, fifo) = if fifo { (".fifo", FIFO) } else { ("", "") };
    format!(
        "  {name}DeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub \"${{AWS::StackName}}-{lower}-dead-letters{suffix}\"
{fifo}      SqsManagedSseEnabled: true
      MessageRetentionPeriod: 1209600
{TAGS}",
        lower = name.to_lowercase(),
    )
}

fn subscription(queue: &Queue) -> String {
    let Queue { name, types, .. } = queue;
    let types: String = types.iter().map(|kind| format!("          - {kind}\n")).collect();
    format!(
        "  {name}Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref OrderEvents
      Protocol: sqs
      Endpoint: !GetAtt {name}Queue.Arn
      RawMessageDelivery: true
      FilterPolicyScope: MessageAttributes
      FilterPolicy:
        type:
{types}      RedrivePolicy:
        deadLetterTargetArn: !GetAtt {name}DeadLetters.Arn
"
    )
}

fn policy(name: &str) -> String {
    format!(
        "  {name}QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues:
        - !Ref {name}Queue
        - !Ref {name}DeadLetters
      PolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Sid: OnlyTheTopic
            Effect: Allow
            Principal:
              Service: sns.amazonaws.com
            Action: sqs:SendMessage
            Resource:
              - !GetAtt {name}Queue.Arn
              - !GetAtt {name}DeadLetters.Arn
            Condition:
              ArnEquals:
                aws:SourceArn: !Ref OrderEvents
"
    )
}

/// Where the queues are.
pub(crate) fn outputs(row: &Row) -> String {
    let (name, own) = match &row.trigger {
        Trigger::Routes(_) | Trigger::Schedule(..) => return String::new(),
        Trigger::Stream(stream) => (&stream.name, String::new()),
        Trigger::Queue(queue) => (&queue.name, format!("  {0}QueueUrl:\n    Value: !Ref {0}Queue\n", queue.name)),
    };
    format!("{own}  {name}DeadLettersUrl:\n    Value: !Ref {name}DeadLetters\n")
}

/// Somebody hears of the first dead letter.
pub(crate) fn alarm(row: &Row) -> String {
    let (name, about) = match &row.trigger {
        Trigger::Routes(_) | Trigger::Schedule(..) => return String::new(),
        Trigger::Stream(stream) => (&stream.name, &stream.dead_letters),
        Trigger::Queue(queue) => (&queue.name, &queue.dead_letters),
    };
    format!(
        "  {name}DeadLettersAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: {about}
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions:
        - {{Name: QueueName, Value: !GetAtt {name}DeadLetters.QueueName}}
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: [!Ref OperatorAlarms]
",
        about = quoted(about),
    )
}
