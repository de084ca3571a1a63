//! What `template.yaml` says of the functions: their environment, and what the queue of messages takes.

use yaml_serde::Value;

use crate::Fail;
use crate::store::tables;

/// The template.
pub(crate) struct Template(Value);

impl Template {
    /// Reads it.
    pub(crate) fn read() -> Result<Template, Fail> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
        Ok(Template(yaml_serde::from_str(&std::fs::read_to_string(path)?)?))
    }

    /// A function's variables, its own after those of all.
    pub(crate) fn environment(&self, package: &str) -> Result<Vec<(String, String)>, Fail> {
        let resources = self.0["Resources"].as_mapping().ok_or("the template has no resources")?;
        let uri = format!("target/lambda/{package}/");
        let function = resources.values().find(|resource| resource["Properties"]["CodeUri"].as_str() == Some(&uri));
        let function = function.ok_or_else(|| format!("the template has no function {package}"))?;
        let common = &self.0["Globals"]["Function"]["Environment"]["Variables"];
        let own = &function["Properties"]["Environment"]["Variables"];
        let all = [common, own].into_iter().filter_map(Value::as_mapping).flatten();
        Ok(all.filter_map(|(name, value)| Some((name.as_str()?.to_owned(), self.value(value)))).collect())
    }

    /// A value, or what the resource or parameter that it refers to is called here.
    fn value(&self, value: &Value) -> String {
        let Value::Tagged(tagged) = value else { return text(value) };
        let named = text(&tagged.value);
        match named.as_str() {
            "OrdersTable" => tables().orders,
            "CatalogTable" => tables().catalog,
            "AWS::StackName" => "oms".to_owned(),
            "StripeSecretArn" => "arn:aws:secretsmanager:eu-central-1:123456789012:secret:stripe".to_owned(),
            parameter => {
                let default = &self.0["Parameters"][parameter]["Default"];
                if default.is_null() { format!("arn:aws:sns:eu-central-1:123456789012:{named}") } else { text(default) }
            }
        }
    }

    /// Types of events that customers are told of: the filter of the queue's subscription.
    pub(crate) fn told(&self) -> Result<Vec<String>, Fail> {
        let resources = self.0["Resources"].as_mapping().ok_or("the template has no resources")?;
        let to_notify = |resource: &&Value| {
            let Value::Tagged(endpoint) = &resource["Properties"]["Endpoint"] else { return false };
            text(&endpoint.value) == "NotifyQueue.Arn"
        };
        let subscription = resources.values().find(to_notify).ok_or("nothing is subscribed for NotifyQueue")?;
        let kinds = subscription["Properties"]["FilterPolicy"]["type"].as_sequence().ok_or("it filters nothing")?;
        Ok(kinds.iter().map(text).collect())
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_gets_what_the_template_gives_it() {
        let template = Template::read().unwrap();
        let environment = template.environment("create-order").unwrap();
        let value = |name: &str| environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!((value("ORDERS_TABLE"), value("CATALOG_TABLE")), (Some("orders"), Some("catalog")));
        assert_eq!(value("ORDERS_PER_MINUTE"), Some("10"));
        assert!(template.environment("no-such-function").is_err());
    }

    #[test]
    fn customers_are_told_that_their_order_was_submitted() {
        assert!(Template::read().unwrap().told().unwrap().contains(&"order.submitted".to_owned()));
    }
}
