//! Functions and what invokes them.

use std::time::Duration;

use serde_json::{Map, Value};

use super::fields::{Fields, unsupported};
use super::resolve::{Scope, text};
use super::resources::{only, pattern, queue_name, stream_table};
use super::{EventSource, FunctionSpec, HttpApi, HttpRoute, QueueSource, ScheduleSource, StreamSource};

const USED: [&str; 4] = ["CodeUri", "Environment", "Events", "Timeout"];
/// How a function is built, deployed, sized, secured and watched.
const IGNORED: [&str; 28] = [
    "Architectures",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CodeSigningConfigArn",
    "DeadLetterQueue",
    "DeploymentPreference",
    "Description",
    "EphemeralStorage",
    "EventInvokeConfig",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "Tags",
    "Tracing",
];

const DEFAULT_TIMEOUT_SECONDS: u32 = 3;
const MAX_TIMEOUT_SECONDS: u32 = 900;
/// Lambda starts with this many invocations per queue.
const DEFAULT_CONCURRENCY: u32 = 5;
const STREAM_RETENTION_SECONDS: u64 = 24 * 60 * 60;
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

pub(super) fn read(
    scope: &Scope<'_>,
    id: &str,
    own: Map<String, Value>,
    api: &HttpApi,
) -> Result<FunctionSpec, String> {
    let properties = merge(scope.globals("Function").cloned().unwrap_or_default(), own);
    let fields = Fields::resolve(scope, &properties, &USED, &IGNORED)?;
    let code = fields.required_text("CodeUri")?;
    let package = code.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    if package.is_empty() {
        return Err(format!("CodeUri {code} names no package"));
    }
    let mut environment = std::collections::BTreeMap::new();
    if let Some(Value::Object(variables)) =
        fields.nested("Environment", &["Variables"], &[])?.as_ref().and_then(|environment| environment.get("Variables"))
    {
        for (name, value) in variables {
            environment.insert(name.clone(), text(value).map_err(|message| format!("environment {name}: {message}"))?);
        }
    }
    let mut events = Vec::new();
    if let Some(Value::Object(entries)) = fields.get("Events") {
        for (name, entry) in entries {
            let read = event(id, name, entry, api).map_err(|message| format!("event {name}: {message}"))?;
            events.extend(read);
        }
    }
    let timeout = fields.seconds("Timeout", DEFAULT_TIMEOUT_SECONDS, 1..=MAX_TIMEOUT_SECONDS)?;
    Ok(FunctionSpec { logical_id: id.to_owned(), package, timeout, environment, events })
}

/// SAM's merge of `Globals`: mappings are united, lists joined, anything else replaced.
fn merge(mut base: Map<String, Value>, own: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in own {
        let merged = match (base.remove(&name), value) {
            (Some(Value::Object(base)), Value::Object(own)) => merge(base, own).into(),
            (Some(Value::Array(mut base)), Value::Array(own)) => {
                base.extend(own);
                base.into()
            }
            (_, own) => own,
        };
        base.insert(name, merged);
    }
    base
}

/// `None` when the source is disabled.
fn event(function: &str, name: &str, entry: &Value, api: &HttpApi) -> Result<Option<EventSource>, String> {
    let empty = Map::new();
    let properties = entry.get("Properties").and_then(Value::as_object).unwrap_or(&empty);
    match entry.get("Type").and_then(Value::as_str).unwrap_or_default() {
        "HttpApi" => http(properties, api).map(EventSource::Http).map(Some),
        "DynamoDB" => Ok(stream(properties)?.map(EventSource::Stream)),
        "SQS" => Ok(queue(properties)?.map(EventSource::Queue)),
        "Schedule" => Ok(schedule(function, name, properties, true)?.map(EventSource::Schedule)),
        "ScheduleV2" => Ok(schedule(function, name, properties, false)?.map(EventSource::Schedule)),
        other => Err(format!("type {other} is not supported by the local cloud")),
    }
}

fn http(properties: &Map<String, Value>, api: &HttpApi) -> Result<HttpRoute, String> {
    let used = ["Auth", "Method", "Path", "PayloadFormatVersion"];
    let fields = Fields::plain(properties, &used, &["ApiId", "RouteSettings", "TimeoutInMillis"])?;
    only(&fields, "PayloadFormatVersion", "2.0")?;
    let path = fields.required_text("Path")?;
    if !path.starts_with('/') {
        return Err(format!("Path {path} must begin with a slash"));
    }
    let method = fields.required_text("Method")?.to_ascii_uppercase();
    let method = if method == "*" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" { "ANY".to_owned() } else { method };
    if !METHODS.contains(&method.as_str()) {
        return Err(format!("Method {method} does not exist"));
    }
    let authorized = match fields.nested("Auth", &["Authorizer"], &[])? {
        None => api.authorizer.as_ref().is_some_and(|authorizer| authorizer.default),
        Some(auth) => match (auth.text("Authorizer")?.as_deref(), &api.authorizer) {
            (Some("NONE"), _) => false,
            (None, authorizer) => authorizer.as_ref().is_some_and(|authorizer| authorizer.default),
            (Some(_), Some(_)) => true,
            (Some(name), None) => return Err(format!("the authorizer {name} does not exist")),
        },
    };
    Ok(HttpRoute { method, path, authorized })
}

fn is_enabled(fields: &Fields) -> Result<bool, String> {
    let enabled = fields.get("Enabled").is_none() || fields.flag("Enabled");
    Ok(enabled && fields.text("State")?.is_none_or(|state| state == "ENABLED"))
}

fn partial_failures(fields: &Fields) -> Result<bool, String> {
    match fields.texts("FunctionResponseTypes")?.as_slice() {
        [] => Ok(false),
        [only] if only == "ReportBatchItemFailures" => Ok(true),
        _ => Err(unsupported("FunctionResponseTypes")),
    }
}

fn stream(properties: &Map<String, Value>) -> Result<Option<StreamSource>, String> {
    const USED: [&str; 10] = [
        "BatchSize",
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "Enabled",
        "FilterCriteria",
        "FunctionResponseTypes",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "StartingPosition",
        "Stream",
    ];
    // A batch leaves as soon as there is one, and one after the other.
    let fields = Fields::plain(
        properties,
        &USED,
        &["MaximumBatchingWindowInSeconds", "MetricsConfig", "ParallelizationFactor"],
    )?;
    let from_start = match fields.required_text("StartingPosition")?.as_str() {
        "TRIM_HORIZON" => true,
        "LATEST" => false,
        other => return Err(format!("StartingPosition {other} is not supported by the local cloud")),
    };
    // -1, the default of both limits, stands for as long as the stream keeps a record.
    let limit = |name: &str| -> Result<Option<u32>, String> {
        if fields.text(name)?.as_deref() == Some("-1") { Ok(None) } else { fields.number(name, 0..=604_800) }
    };
    let age = limit("MaximumRecordAgeInSeconds")?.map_or(STREAM_RETENTION_SECONDS, u64::from);
    let source = StreamSource {
        table: stream_table(&fields.required_text("Stream")?)?,
        from_start,
        batch_size: fields.number("BatchSize", 1..=10_000)?.unwrap_or(100) as usize,
        filters: filters(&fields)?,
        max_retries: limit("MaximumRetryAttempts")?,
        record_age: Duration::from_secs(age.min(STREAM_RETENTION_SECONDS)),
        bisect: fields.flag("BisectBatchOnFunctionError"),
        on_failure: on_failure(&fields)?,
        partial_failures: partial_failures(&fields)?,
    };
    Ok(is_enabled(&fields)?.then_some(source))
}

fn filters(fields: &Fields) -> Result<Vec<crate::filter::Pattern>, String> {
    let Some(criteria) = fields.nested("FilterCriteria", &["Filters"], &[])? else {
        return Ok(Vec::new());
    };
    let Some(Value::Array(filters)) = criteria.get("Filters") else {
        return Err("FilterCriteria: Filters must be a list".to_owned());
    };
    filters.iter().map(|filter| pattern(filter.get("Pattern").ok_or("FilterCriteria: Pattern is missing")?)).collect()
}

fn on_failure(fields: &Fields) -> Result<Option<String>, String> {
    let Some(config) = fields.nested("DestinationConfig", &["OnFailure"], &[])? else {
        return Ok(None);
    };
    let Some(target) = config.nested("OnFailure", &["Destination", "Type"], &[])? else {
        return Ok(None);
    };
    only(&target, "Type", "SQS")?;
    target.get("Destination").map(queue_name).transpose()
}

fn queue(properties: &Map<String, Value>) -> Result<Option<QueueSource>, String> {
    let used = ["BatchSize", "Enabled", "FunctionResponseTypes", "Queue", "ScalingConfig"];
    let fields = Fields::plain(properties, &used, &["MaximumBatchingWindowInSeconds", "MetricsConfig"])?;
    let scaling = fields.nested("ScalingConfig", &["MaximumConcurrency"], &[])?.unwrap_or_default();
    let source = QueueSource {
        queue: queue_name(fields.get("Queue").ok_or("Queue is missing")?)?,
        batch_size: fields.number("BatchSize", 1..=10_000)?.unwrap_or(10) as usize,
        partial_failures: partial_failures(&fields)?,
        concurrency: scaling.number("MaximumConcurrency", 2..=1000)?.unwrap_or(DEFAULT_CONCURRENCY) as usize,
    };
    Ok(is_enabled(&fields)?.then_some(source))
}

fn schedule(
    function: &str,
    name: &str,
    properties: &Map<String, Value>,
    rule: bool,
) -> Result<Option<ScheduleSource>, String> {
    let expression = if rule { "Schedule" } else { "ScheduleExpression" };
    let used = ["Enabled", "FlexibleTimeWindow", "Input", "State", expression];
    let ignored = [
        "DeadLetterConfig",
        "Description",
        "GroupName",
        "KmsKeyArn",
        "Name",
        "OmitName",
        "PermissionsBoundary",
        "RetryPolicy",
        "RoleArn",
    ];
    let fields = Fields::plain(properties, &used, &ignored)?;
    if let Some(window) = fields.nested("FlexibleTimeWindow", &["Mode"], &[])? {
        only(&window, "Mode", "OFF")?;
    }
    let input = match fields.text("Input")? {
        Some(text) => Some(serde_json::from_str(&text).map_err(|error| format!("Input is not JSON: {error}"))?),
        None => None,
    };
    let every = rate(&fields.required_text(expression)?)?;
    let source = ScheduleSource { id: format!("{function}/{name}"), every, input, rule };
    Ok(is_enabled(&fields)?.then_some(source))
}

fn rate(expression: &str) -> Result<Duration, String> {
    let refusal = || format!("schedule {expression} is not supported by the local cloud: only rate(…) is");
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(refusal)?;
    let (count, unit) = inner.trim().split_once(' ').ok_or_else(refusal)?;
    let count: u64 = count.parse().map_err(|_| refusal())?;
    let seconds: u64 = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 60 * 60,
        "day" | "days" => 24 * 60 * 60,
        _ => return Err(refusal()),
    };
    match count.checked_mul(seconds) {
        Some(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err(refusal()),
    }
}
