//! What invokes a function: events, the queues behind them, what the role needs for them, and the alarm on what fails.

use crate::flow::{comment, flow, quoted};
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
        Trigger::Queue(Queue { name, event, batch, at_once, .. }) => format!(
            "        {event}:
          Type: SQS
          Properties:
            Queue: !GetAtt {name}Queue.Arn
            BatchSize: {batch}
            # A rush waits in the queue, and leaves what it needs to the API, to SES and to payment providers.
            ScalingConfig: {{MaximumConcurrency: {at_once}}}
            FunctionResponseTypes: [ReportBatchItemFailures]
",
            at_once = flow(at_once),
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
            # More than 1 would let events of an order come out of order more often than they do anyway; each costs a read.
            ParallelizationFactor: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
            BisectBatchOnFunctionError: true
            # A record that still fails is given up: the dead letter names its shard and sequence number, and no more. Age alone ends
            # no record before the stream does: a function that was switched off for hours finds all of it.
            MaximumRetryAttempts: 10
            MaximumRecordAgeInSeconds: 86400
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

/// Seconds that a message is kept, as long as SQS can.
const KEPT: u32 = 14 * 24 * 60 * 60;

/// The retry interval is the visibility timeout; a message is received once more than it is retried. It is kept as long as
/// a dead letter, because what a queue forgets is told to nobody.
fn waiting(queue: &Queue) -> String {
    let Queue { name, about, retries, seconds_between, .. } = queue;
    let delay = queue.delay.map_or_else(String::new, |delay| format!("      DelaySeconds: {delay}\n"));
    format!(
        "{about}  {name}Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub \"${{AWS::StackName}}-{lower}.fifo\"
{FIFO}      SqsManagedSseEnabled: true
{delay}      MessageRetentionPeriod: {KEPT}
      VisibilityTimeout: {seconds_between}
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt {name}DeadLetters.Arn
        maxReceiveCount: {received}
{TAGS}",
        about = comment(2, &format!("{about} {retries} retries, {seconds_between} seconds apart.")),
        lower = name.to_lowercase(),
        received = queue.receives(),
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
      MessageRetentionPeriod: {KEPT}
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

/// Somebody hears of the first dead letter, and of a queue that nobody reads.
pub(crate) fn alarms(row: &Row) -> String {
    let dead = |name: &str, about: &str| {
        let (metric, queue) = ("ApproximateNumberOfMessagesVisible", format!("{name}DeadLetters"));
        alarm(&format!("{queue}Alarm"), about, metric, &queue, 0)
    };
    match &row.trigger {
        Trigger::Routes(_) | Trigger::Schedule(..) => String::new(),
        Trigger::Stream(stream) => dead(&stream.name, &stream.dead_letters),
        Trigger::Queue(queue) => {
            let (name, metric) = (&queue.name, "ApproximateAgeOfOldestMessage");
            let about = format!("Waits for too long: {}", queue.about);
            let age = alarm(&format!("{name}AgeAlarm"), &about, metric, &format!("{name}Queue"), queue.oldest());
            format!("{}\n{age}", dead(name, &queue.dead_letters))
        }
    }
}

fn alarm(name: &str, about: &str, metric: &str, queue: &str, threshold: u32) -> String {
    format!(
        "  {name}:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: {about}
      Namespace: AWS/SQS
      MetricName: {metric}
      Dimensions:
        - {{Name: QueueName, Value: !GetAtt {queue}.QueueName}}
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      Threshold: {threshold}
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions: [!Ref OperatorAlarms]
",
        about = quoted(about),
    )
}
