//! Resources other than functions, and the checks that AWS makes across them when it deploys.

use serde_json::{Map, Value, json};

use super::fields::{Fields, unsupported};
use super::resolve::{Scope, text};
use super::{
    Authorizer, Cors, EventSource, HttpApi, Order, Queue, Redrive, Subscription, SubscriptionFilter, Table, Template,
    TemplateError, Topic, functions, names,
};
use crate::filter::Pattern;

/// Families of resources that one machine needs none of. A type outside these and the ones that are run is refused.
const SKIPPED: [&str; 23] = [
    "AWS::ApplicationAutoScaling::",
    "AWS::ApplicationInsights::",
    "AWS::Backup::",
    "AWS::Budgets::",
    "AWS::CloudFormation::Stack",
    "AWS::CloudWatch::",
    "AWS::CodeDeploy::",
    "AWS::Cognito::",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::ResourceGroups::",
    "AWS::S3::Bucket",
    "AWS::SES::",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::",
    "AWS::SecretsManager::",
    "AWS::Serverless::Application",
    "AWS::WAFv2::",
    "AWS::XRay::",
];

/// SAM's name of the API that exists without being declared.
const IMPLICIT_API: &str = "ServerlessHttpApi";
const API_USED: [&str; 2] = ["Auth", "CorsConfiguration"];
const API_IGNORED: [&str; 12] = [
    "AccessLogSettings",
    "DefaultRouteSettings",
    "Description",
    "DisableExecuteApiEndpoint",
    "Domain",
    "FailOnWarnings",
    "Metadata",
    "Name",
    "PropagateTags",
    "RouteSettings",
    "StageName",
    "Tags",
];

const MINUTE: u32 = 60;
const DAY: u32 = 24 * 60 * MINUTE;

pub(super) fn read(file: &str, scope: &Scope<'_>) -> Result<Template, TemplateError> {
    let fail = |place: &str, message: String| TemplateError { file: file.to_owned(), place: place.to_owned(), message };
    let resources = scope.resources().map_err(|message| fail("", message))?;
    let mut template = Template {
        file: file.to_owned(),
        functions: Vec::new(),
        api: HttpApi::default(),
        tables: Vec::new(),
        topics: Vec::new(),
        subscriptions: Vec::new(),
        queues: Vec::new(),
    };
    let apis: Vec<_> =
        resources.iter().filter(|(_, definition)| kind(definition) == "AWS::Serverless::HttpApi").collect();
    if let [_, (second, _), ..] = apis.as_slice() {
        return Err(fail(second, "a second HTTP API is not supported by the local cloud".to_owned()));
    }
    let (api_id, api) = apis.first().map_or((IMPLICIT_API, None), |(id, definition)| (*id, Some(*definition)));
    template.api = http_api(scope, api).map_err(|message| fail(api_id, message))?;

    for (id, definition) in &resources {
        resource(scope, id, definition, &mut template).map_err(|message| fail(id, message))?;
    }
    check(&template).map_err(|(place, message)| fail(&place, message))?;
    Ok(template)
}

fn kind(definition: &Map<String, Value>) -> &str {
    definition.get("Type").and_then(Value::as_str).unwrap_or_default()
}

fn properties(definition: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    match definition.get("Properties") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(properties)) => Ok(properties.clone()),
        Some(_) => Err("Properties must be a mapping".to_owned()),
    }
}

fn resource(
    scope: &Scope<'_>,
    id: &str,
    definition: &Map<String, Value>,
    template: &mut Template,
) -> Result<(), String> {
    let properties = properties(definition)?;
    match kind(definition) {
        "AWS::Serverless::Function" => template.functions.push(functions::read(scope, id, properties, &template.api)?),
        "AWS::DynamoDB::Table" => template.tables.push(table(scope, id, &properties)?),
        "AWS::SNS::Topic" => template.topics.push(topic(scope, id, &properties)?),
        "AWS::SNS::Subscription" => template.subscriptions.push(subscription(scope, &properties)?),
        "AWS::SQS::Queue" => template.queues.push(queue(scope, id, &properties)?),
        "AWS::Serverless::HttpApi" => {}
        "" => return Err("Type is missing".to_owned()),
        skipped if SKIPPED.iter().any(|family| skipped.starts_with(family)) => {}
        unknown => return Err(format!("the local cloud cannot run a resource of type {unknown}")),
    }
    Ok(())
}

fn http_api(scope: &Scope<'_>, definition: Option<&Map<String, Value>>) -> Result<HttpApi, String> {
    let mut merged = scope.globals("HttpApi").cloned().unwrap_or_default();
    if let Some(definition) = definition {
        merged.extend(properties(definition)?);
    }
    let fields = Fields::resolve(scope, &merged, &API_USED, &API_IGNORED)?;
    Ok(HttpApi { authorizer: authorizer(&fields)?, cors: cors(&fields)? })
}

fn cors(api: &Fields) -> Result<Option<Cors>, String> {
    const USED: [&str; 5] = ["AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge"];
    let Some(fields) = api.nested("CorsConfiguration", &USED, &[])? else { return Ok(None) };
    Ok(Some(Cors {
        origins: fields.texts("AllowOrigins")?,
        methods: fields.texts("AllowMethods")?,
        headers: fields.texts("AllowHeaders")?.into_iter().map(|name| name.to_ascii_lowercase()).collect(),
        exposed: fields.texts("ExposeHeaders")?,
        max_age: fields.number("MaxAge", 0..=86_400)?,
    }))
}

fn authorizer(api: &Fields) -> Result<Option<Authorizer>, String> {
    let Some(auth) = api.nested("Auth", &["Authorizers", "DefaultAuthorizer"], &[])? else {
        return Ok(None);
    };
    let Some(Value::Object(authorizers)) = auth.get("Authorizers") else {
        return Ok(None);
    };
    let mut entries = authorizers.iter();
    let (Some((name, Value::Object(settings))), None) = (entries.next(), entries.next()) else {
        return Err("Auth: exactly one authorizer is supported by the local cloud".to_owned());
    };
    let settings = Fields::plain(settings, &["IdentitySource", "JwtConfiguration"], &[])?;
    if settings.text("IdentitySource")?.is_some_and(|source| source != "$request.header.Authorization") {
        return Err("IdentitySource must be $request.header.Authorization".to_owned());
    }
    let jwt = settings
        .nested("JwtConfiguration", &["audience", "issuer"], &[])?
        .ok_or("Auth: only JWT authorizers are supported by the local cloud")?;
    let default = match auth.text("DefaultAuthorizer")? {
        Some(default) if default == *name => true,
        Some(other) => return Err(format!("DefaultAuthorizer {other} does not exist")),
        None => false,
    };
    Ok(Some(Authorizer { issuer: jwt.required_text("issuer")?, audience: jwt.texts("audience")?, default }))
}

fn table(scope: &Scope<'_>, id: &str, properties: &Map<String, Value>) -> Result<Table, String> {
    const USED: [&str; 6] = [
        "AttributeDefinitions",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "StreamSpecification",
        "TableName",
    ];
    // Expiry is by the clock in conditions (items outlive their time on AWS too, by days); the rest is about money,
    // safety and permissions.
    const IGNORED: [&str; 11] = [
        "BillingMode",
        "ContributorInsightsSpecification",
        "DeletionProtectionEnabled",
        "OnDemandThroughput",
        "PointInTimeRecoverySpecification",
        "ProvisionedThroughput",
        "ResourcePolicy",
        "SSESpecification",
        "TableClass",
        "Tags",
        "TimeToLiveSpecification",
    ];
    let fields = Fields::resolve(scope, properties, &USED, &IGNORED)?;
    let name = scope.physical_name(id, 0)?;
    let mut create = json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST"});
    for required in ["KeySchema", "AttributeDefinitions"] {
        create[required] = fields.get(required).cloned().ok_or_else(|| format!("{required} is missing"))?;
    }
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if let Some(Value::Array(indexes)) = fields.get(kind) {
            create[kind] = indexes.iter().map(index).collect::<Result<Vec<_>, _>>()?.into();
        }
    }
    if let Some(stream) = fields.nested("StreamSpecification", &["StreamViewType"], &["ResourcePolicy"])? {
        let view = stream.required_text("StreamViewType")?;
        create["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": view});
    }
    Ok(Table { name, create })
}

fn index(index: &Value) -> Result<Value, String> {
    const IGNORED: [&str; 3] = ["ContributorInsightsSpecification", "OnDemandThroughput", "ProvisionedThroughput"];
    let fields = index.as_object().ok_or("an index must be a mapping")?;
    Fields::plain(fields, &["IndexName", "KeySchema", "Projection"], &IGNORED)?;
    Ok(fields
        .iter()
        .filter(|(name, _)| !IGNORED.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<Map<_, _>>()
        .into())
}

fn topic(scope: &Scope<'_>, id: &str, properties: &Map<String, Value>) -> Result<Topic, String> {
    let used = ["ContentBasedDeduplication", "FifoThroughputScope", "FifoTopic", "TopicName"];
    // Who is told by e-mail is nobody on this machine.
    let ignored = ["DisplayName", "KmsMasterKeyId", "SignatureVersion", "Subscription", "Tags", "TracingConfig"];
    let fields = Fields::resolve(scope, properties, &used, &ignored)?;
    let per_group = fields.text("FifoThroughputScope")?.is_some_and(|scope| scope == "MessageGroup");
    Ok(Topic { name: scope.physical_name(id, 0)?, order: order(&fields, "FifoTopic", per_group) })
}

fn order(fields: &Fields, fifo: &str, per_group: bool) -> Order {
    if fields.flag(fifo) {
        Order::Fifo { by_content: fields.flag("ContentBasedDeduplication"), per_group }
    } else {
        Order::Standard
    }
}

fn queue(scope: &Scope<'_>, id: &str, properties: &Map<String, Value>) -> Result<Queue, String> {
    const USED: [&str; 8] = [
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "DelaySeconds",
        "FifoQueue",
        "MessageRetentionPeriod",
        "QueueName",
        "RedrivePolicy",
        "VisibilityTimeout",
    ];
    const IGNORED: [&str; 8] = [
        "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
        "Tags",
    ];
    let fields = Fields::resolve(scope, properties, &USED, &IGNORED)?;
    let per_group = fields.text("DeduplicationScope")?.is_some_and(|scope| scope == "messageGroup");
    let redrive = match fields.nested("RedrivePolicy", &["deadLetterTargetArn", "maxReceiveCount"], &[])? {
        Some(policy) => Some(Redrive {
            dead_letter: last_part(&policy.required_text("deadLetterTargetArn")?),
            max_receives: policy.number("maxReceiveCount", 1..=1000)?.ok_or("maxReceiveCount is missing")?,
        }),
        None => None,
    };
    Ok(Queue {
        name: scope.physical_name(id, 0)?,
        order: order(&fields, "FifoQueue", per_group),
        visibility: fields.seconds("VisibilityTimeout", 30, 0..=DAY / 2)?,
        retention: fields.seconds("MessageRetentionPeriod", 4 * DAY, MINUTE..=14 * DAY)?,
        delay: fields.seconds("DelaySeconds", 0, 0..=15 * MINUTE)?,
        redrive,
    })
}

fn subscription(scope: &Scope<'_>, properties: &Map<String, Value>) -> Result<Subscription, String> {
    let used = ["Endpoint", "FilterPolicy", "FilterPolicyScope", "Protocol", "RawMessageDelivery", "TopicArn"];
    // Delivery within one process cannot fail, so the dead-letter queue of a subscription has nothing to do.
    let fields = Fields::resolve(scope, properties, &used, &["RedrivePolicy", "Region"])?;
    let protocol = fields.required_text("Protocol")?;
    if protocol != "sqs" {
        return Err(format!("protocol {protocol} is not supported by the local cloud"));
    }
    let on_body = match fields.text("FilterPolicyScope")?.as_deref() {
        None | Some("MessageAttributes") => false,
        Some("MessageBody") => true,
        Some(other) => return Err(format!("FilterPolicyScope {other} does not exist")),
    };
    let filter = match fields.get("FilterPolicy") {
        Some(policy) => Some(SubscriptionFilter { pattern: pattern(policy)?, on_body }),
        None => None,
    };
    Ok(Subscription {
        topic: last_part(&fields.required_text("TopicArn")?),
        queue: last_part(&fields.required_text("Endpoint")?),
        filter,
        raw: fields.flag("RawMessageDelivery"),
    })
}

/// A pattern may be written as YAML or as JSON in a text.
pub(super) fn pattern(value: &Value) -> Result<Pattern, String> {
    match value {
        Value::String(text) => {
            let parsed = serde_json::from_str(text).map_err(|error| format!("filter is not JSON: {error}"))?;
            Pattern::parse(&parsed)
        }
        value => Pattern::parse(value),
    }
}

/// The name at the end of an ARN.
pub(super) fn last_part(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or_default().to_owned()
}

/// What AWS refuses when it deploys, so that it does not come as a surprise there.
fn check(template: &Template) -> Result<(), (String, String)> {
    let fail = |place: &str, message: String| Err((place.to_owned(), message));
    let fifo = |order: Order| matches!(order, Order::Fifo { .. });
    for queue in &template.queues {
        if queue.name.strip_suffix(".fifo").is_some() != fifo(queue.order) {
            return fail(&queue.name, "FifoQueue and a name that ends in .fifo belong together".to_owned());
        }
        let Some(redrive) = &queue.redrive else { continue };
        match template.queue(&redrive.dead_letter) {
            None => return fail(&queue.name, format!("the dead-letter queue {} does not exist", redrive.dead_letter)),
            Some(dead) if fifo(dead.order) != fifo(queue.order) => {
                return fail(&queue.name, "a queue and its dead-letter queue must be of one kind".to_owned());
            }
            Some(_) => {}
        }
    }
    for subscription in &template.subscriptions {
        let Some(topic) = template.topics.iter().find(|topic| topic.name == subscription.topic) else {
            return fail(&subscription.topic, "a subscription is to a topic that does not exist".to_owned());
        };
        match template.queue(&subscription.queue) {
            None => return fail(&topic.name, format!("the subscribed queue {} does not exist", subscription.queue)),
            Some(queue) if fifo(queue.order) && !fifo(topic.order) => {
                return fail(&topic.name, format!("a FIFO queue ({}) needs a FIFO topic", queue.name));
            }
            Some(_) => {}
        }
    }
    for function in &template.functions {
        for event in &function.events {
            check_event(template, function, event).or_else(|message| fail(&function.logical_id, message))?;
        }
    }
    Ok(())
}

fn check_event(template: &Template, function: &super::FunctionSpec, event: &EventSource) -> Result<(), String> {
    match event {
        EventSource::Stream(stream) => {
            let table = template.tables.iter().find(|table| table.name == stream.table);
            let Some(table) = table else {
                return Err(format!("the stream's table {} does not exist", stream.table));
            };
            if table.create.get("StreamSpecification").is_none() {
                return Err(format!("table {} has no stream", stream.table));
            }
            match &stream.on_failure {
                Some(queue) if template.queue(queue).is_none() => Err(format!("the queue {queue} does not exist")),
                _ => Ok(()),
            }
        }
        EventSource::Queue(source) => match template.queue(&source.queue) {
            None => Err(format!("the queue {} does not exist", source.queue)),
            Some(queue) if queue.visibility < function.timeout => Err(format!(
                "queue {} shows messages again after {:?}, before the function's timeout of {:?}",
                queue.name, queue.visibility, function.timeout
            )),
            Some(_) => Ok(()),
        },
        EventSource::Http(_) | EventSource::Schedule(_) => Ok(()),
    }
}

/// Name of the table whose stream an ARN means.
pub(super) fn stream_table(arn: &str) -> Result<String, String> {
    let name = arn.split('/').nth(1).unwrap_or_default();
    if names::stream_arn(name) == arn {
        Ok(name.to_owned())
    } else {
        Err(format!("Stream: {arn} is not a table's stream"))
    }
}

/// Name of the queue that an ARN means.
pub(super) fn queue_name(arn: &Value) -> Result<String, String> {
    let arn = text(arn)?;
    let name = last_part(&arn);
    if names::queue_arn(&name) == arn { Ok(name) } else { Err(format!("{arn} is not a queue")) }
}

/// Refuses a property that has to keep its usual value here.
pub(super) fn only(fields: &Fields, name: &str, value: &str) -> Result<(), String> {
    match fields.text(name)? {
        Some(other) if other != value => Err(format!("{} ({other})", unsupported(name))),
        _ => Ok(()),
    }
}
