//! Names that AWS would make: ARNs and URLs of what the local cloud runs.

/// The region that the local cloud calls itself.
pub const REGION: &str = "local";
/// The account that everything belongs to.
pub const ACCOUNT: &str = "000000000000";
/// The stack that the template is deployed as.
pub(super) const STACK: &str = "local";

/// ARN of a queue.
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// URL of a queue, which is what `!Ref` gives. Nothing listens there.
pub fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

/// ARN of a topic, which is what `!Ref` gives.
pub fn topic_arn(name: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}")
}

/// ARN of a table.
pub fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

/// ARN of a table's stream.
pub(crate) fn stream_arn(table: &str) -> String {
    format!("{}/stream/local", table_arn(table))
}

/// ARN of a function.
pub(crate) fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}
