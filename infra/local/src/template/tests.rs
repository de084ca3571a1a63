use std::time::Duration;

use serde_json::json;

use super::*;

const SHOP: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  Issuer: { Type: String, Default: "" }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  OwnIssuer: !Not [!Equals [!Ref Issuer, ""]]
Globals:
  Function:
    Timeout: 10
    Environment: { Variables: { LOG: info, TABLE: overridden } }
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: $default
      Auth:
        DefaultAuthorizer: Shop
        Authorizers:
          Shop:
            IdentitySource: $request.header.Authorization
            JwtConfiguration:
              issuer: !If [OwnIssuer, !Ref Issuer, !Sub "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}"]
              audience: [!Ref Client]
  Pool: { Type: AWS::Cognito::UserPool, Properties: { Anything: !ImportValue nobody-reads-this } }
  Client: { Type: AWS::Cognito::UserPoolClient }
  Create:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/create-order/
      Timeout: 20
      Environment: { Variables: { TABLE: !Ref Orders, TOPIC_ARN: !Ref Topic, COUNT: 3 } }
      Policies: [{ Statement: [{ Effect: Allow, Action: "dynamodb:PutItem", Resource: !GetAtt Nowhere.Arn }] }]
      Events:
        Post: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: post, Path: "/api/orders" } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /health, Auth: { Authorizer: NONE } } }
  Relay:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/relay
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Orders.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 50
            MaximumRetryAttempts: 4
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: { Filters: [{ Pattern: '{"eventName": ["INSERT"]}' }] }
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dead.Arn } }
        Tick: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(2 minutes) } }
        Off: { Type: Schedule, Properties: { Schedule: rate(1 hour), Enabled: false } }
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 5
            ScalingConfig: { MaximumConcurrency: 2 }
            FunctionResponseTypes: [ReportBatchItemFailures]
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${AWS::StackName}-orders"
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
  Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: Events.fifo, FifoTopic: true, FifoThroughputScope: MessageGroup } }
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt DeadFifo.Arn, maxReceiveCount: 3 }
  DeadFifo: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Dead: { Type: AWS::SQS::Queue }
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      RawMessageDelivery: true
      FilterPolicy: { type: [order.paid] }
  ProdOnly: { Type: AWS::SQS::Queue, Condition: IsProd }
  Alarm: { Type: AWS::CloudWatch::Alarm, Properties: { Whatever: true } }
"#;

fn shop() -> Template {
    Template::parse("template.yaml", SHOP, &[]).unwrap()
}

/// The error of the shop's template after one change.
fn refusal(from: &str, to: &str) -> String {
    assert!(SHOP.contains(from), "the fixture has no {from}");
    let error = Template::parse("template.yaml", &SHOP.replacen(from, to, 1), &[]).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn a_function_gets_globals_environment_and_routes() {
    let template = shop();
    let create = template.function("create-order").unwrap();
    assert_eq!(create.timeout, Duration::from_secs(20));
    let environment: Vec<_> = create.environment.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(
        environment,
        ["COUNT=3", "LOG=info", "TABLE=local-orders", "TOPIC_ARN=arn:aws:sns:local:000000000000:Events.fifo"]
    );
    let route = |method: &str, path: &str, authorized| {
        EventSource::Http(HttpRoute { method: method.into(), path: path.into(), authorized })
    };
    assert_eq!(create.events, [route("GET", "/health", false), route("POST", "/api/orders", true)]);
    assert_eq!(template.function("relay").unwrap().timeout, Duration::from_secs(10));
}

#[test]
fn event_sources_carry_their_retry_rules() {
    let template = shop();
    let [queue, stream, tick] = template.function("relay").unwrap().events.as_slice() else {
        panic!("three enabled sources are expected");
    };
    assert_eq!(
        *queue,
        EventSource::Queue(QueueSource {
            queue: "local-Queue.fifo".into(),
            batch_size: 5,
            partial_failures: true,
            concurrency: 2
        })
    );
    assert_eq!(
        *stream,
        EventSource::Stream(StreamSource {
            table: "local-orders".into(),
            from_start: true,
            batch_size: 50,
            filters: vec![Pattern::parse(&json!({"eventName": ["INSERT"]})).unwrap()],
            max_retries: Some(4),
            record_age: Duration::from_hours(24),
            bisect: true,
            on_failure: Some("local-Dead".into()),
            partial_failures: true,
        })
    );
    let EventSource::Schedule(tick) = tick else { panic!("a schedule is expected") };
    assert_eq!((tick.id.as_str(), tick.every), ("Relay/Tick", Duration::from_mins(2)));
}

#[test]
fn tables_topics_and_queues_are_read_with_their_policies() {
    let template = shop();
    assert_eq!(template.tables[0].create["StreamSpecification"]["StreamEnabled"], json!(true));
    assert_eq!(template.tables[0].create.get("TimeToLiveSpecification"), None);
    assert_eq!(template.topics[0].order, Order::Fifo { by_content: false, per_group: true });
    let names: Vec<_> = template.queues.iter().map(|queue| queue.name.as_str()).collect();
    assert_eq!(names, ["local-Dead", "local-DeadFifo.fifo", "local-Queue.fifo"]);
    let redrive = template.queue("local-Queue.fifo").unwrap().redrive.clone();
    assert_eq!(redrive, Some(Redrive { dead_letter: "local-DeadFifo.fifo".into(), max_receives: 3 }));
    let subscription = &template.subscriptions[0];
    assert!(subscription.raw && !subscription.filter.as_ref().unwrap().on_body);
}

#[test]
fn parameters_and_conditions_decide() {
    let set = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!(
        shop().api.authorizer.unwrap(),
        Authorizer {
            issuer: "https://cognito-idp.local.amazonaws.com/local-Pool".into(),
            audience: vec!["local-Client".into()],
            default: true
        }
    );
    let own = Template::parse("t", SHOP, &set("Issuer", "http://here")).unwrap();
    assert_eq!(own.api.authorizer.unwrap().issuer, "http://here");
    let prod = Template::parse("t", SHOP, &set("Stage", "prod")).unwrap();
    assert!(prod.queue("local-ProdOnly").is_some() && shop().queue("local-ProdOnly").is_none());
    for (name, value) in [("Stage", "moon"), ("Nothing", "x")] {
        assert!(Template::parse("t", SHOP, &set(name, value)).is_err(), "{name}={value}");
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_its_place() {
    let cases = [
        (
            "Type: AWS::SNS::Subscription",
            "Type: AWS::Kinesis::Stream",
            "Subscription: the local cloud cannot run a resource of type AWS::Kinesis::Stream",
        ),
        ("Timeout: 20", "Timeout: 2000", "Create: Timeout must be a whole number from 1 to 900, found 2000"),
        ("CodeUri: target/lambda/relay", "Nonsense: 1", "Relay: property Nonsense is not supported by the local cloud"),
        (
            "BatchSize: 50",
            "TumblingWindowInSeconds: 5",
            "Relay: event Stream: property TumblingWindowInSeconds is not supported by the local cloud",
        ),
        ("rate(2 minutes)", "cron(0 12 * * ? *)", "only rate(…) is"),
        ("Type: ScheduleV2", "Type: S3", "Relay: event Tick: type S3 is not supported by the local cloud"),
        ("!Ref Orders", "!Ref Nowhere", "Create: Environment: refers to Nowhere, which does not exist"),
        ("!Ref Orders", "!Ref ProdOnly", "refers to ProdOnly, whose condition does not hold"),
        ("!GetAtt Orders.StreamArn", "!GetAtt Orders.Arn", "is not a table's stream"),
        ("StreamSpecification: { StreamViewType: NEW_IMAGE }", "Tags: []", "Relay: table local-orders has no stream"),
        ("VisibilityTimeout: 60", "VisibilityTimeout: 5", "before the function's timeout"),
        ("{ FifoQueue: true } }", "{ FifoQueue: false } }", "must be of one kind"),
        (
            "FilterPolicy: { type: [order.paid] }",
            "FilterPolicy: { type: [{ wildcard: a }] }",
            "operator wildcard is not supported",
        ),
        ("!Equals [!Ref Stage, prod]", "!Condition IsProd", "refers to itself"),
        ("!Sub \"${AWS::StackName}-orders\"", "!Ref Orders", "refers to itself"),
        ("Protocol: sqs", "Protocol: email", "Subscription: protocol email is not supported by the local cloud"),
        ("Resources:", "Resources: [", "not valid YAML"),
        ("!Not", "!Nott", "the tag !Nott is not known"),
    ];
    for (from, to, expected) in cases {
        let refusal = refusal(from, to);
        assert!(refusal.starts_with("template.yaml: ") && refusal.contains(expected), "{to}: {refusal}");
    }
}

#[test]
fn text_is_built_from_references() {
    let text = r"
Mappings: { Regions: { local: { Code: xx } } }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: a/f
      Environment:
        Variables:
          A: !Join ['-', [!Ref AWS::Region, { 'Fn::Select': [1, !Split [',', 'x,y']] }]]
          B: !Sub ['${Own}${!Kept}/${Q.QueueName}', { Own: !FindInMap [Regions, !Ref 'AWS::Region', Code] }]
          C: !Ref AWS::NoValue
          D: !Ref Q
  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: q } }
";
    let template = Template::parse("t", text, &[]).unwrap();
    let environment: Vec<_> = template.functions[0].environment.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(environment, ["A=local-y", "B=xx${Kept}/q", "D=https://sqs.local.amazonaws.com/000000000000/q"]);
}

#[test]
fn words_with_line_breaks_are_told_in_one_line() {
    let text = SHOP.replace("CodeUri: target/lambda/relay", "CodeUri: target/lambda/relay\n      \"Non\\nsense\": 1");
    let told = Template::parse("some.yaml", &text, &[]).unwrap_err().to_string();
    assert_eq!(told, "some.yaml: Relay: property Non sense is not supported by the local cloud");
}

mod any_text {
    use proptest::prelude::*;

    use super::{SHOP, Template};

    /// Reads it, and holds its refusal against the promise: one line that names the file.
    fn read(text: &str) -> Result<Template, String> {
        Template::parse("some.yaml", text, &[]).map_err(|error| {
            let line = error.to_string();
            assert!(line.starts_with("some.yaml: ") && !line.contains('\n'), "{line:?}");
            line
        })
    }

    /// A byte position at which a text can be cut, near another.
    fn boundary(text: &str, near: usize) -> usize {
        (0..=near.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn noise_is_refused_in_one_line(noise in any::<String>(), yaml in "[-a-zA-Z0-9 :{}\\[\\]!&*#|>'\"\\n,%@`]{0,200}") {
            prop_assert!(read(&noise).is_err());
            let _ = read(&yaml);
            let _ = read(&format!("Resources:\n  Some:\n    Type: AWS::SQS::Queue\n    Properties: {yaml}\n"));
        }

        #[test]
        fn a_template_with_any_scar_is_read_or_refused(
            from in any::<prop::sample::Index>(), length in 0_usize..60, graft in "[-a-zA-Z0-9 :{}\\[\\]!$\\n.]{0,20}",
        ) {
            let from = boundary(SHOP, from.index(SHOP.len()));
            let until = boundary(SHOP, from + length).max(from);
            let _ = read(&format!("{}{graft}{}", &SHOP[..from], &SHOP[until..]));
        }

        #[test]
        fn a_template_whose_values_moved_is_read_or_refused(one in any::<prop::sample::Index>(), two in any::<prop::sample::Index>()) {
            let mut lines: Vec<&str> = SHOP.lines().collect();
            let (one, two) = (one.index(lines.len()), two.index(lines.len()));
            lines.swap(one, two);
            let _ = read(&lines.join("\n"));
        }
    }

    #[test]
    fn what_refers_to_itself_or_goes_deep_is_refused() {
        let deep = format!("Resources: {}{}", "[".repeat(5_000), "]".repeat(5_000));
        let tagged = format!("Resources: {} x", "!Sub ".repeat(2_000));
        let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nResources: *c\n".to_owned();
        for text in [deep, tagged, bomb] {
            assert!(read(&text).is_err());
        }
    }
}
