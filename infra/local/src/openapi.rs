//! The `OpenAPI` document, made from the handlers' own annotations and types.

use std::collections::BTreeMap;

use oms_runtime::http::ProblemBody;
use serde_json::{Map, Value};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

/// Which operations a refusal belongs to.
type Has = fn(&Operation) -> bool;

/// Refusals that an operation has by what it is, unless it describes them itself.
const COMMON: [(&str, &str, Has); 7] = [
    ("400", "malformed_request", |_| true),
    ("401", "unauthenticated", asks_who),
    ("403", "forbidden", asks_who),
    ("404", "not_found", names_a_thing),
    ("413", "payload_too_large", |operation| operation.request_body.is_some()),
    // The gateway's.
    ("431", "payload_too_large: more than 10 KB of headers", |_| true),
    ("503", "unavailable", asks_who),
];

/// What refusals of several operations are called among the document's responses. One that is not here is called by its
/// operation.
const SHARED: [(&str, &str, &str); 16] = [
    ("400", "malformed_request", "Malformed"),
    ("401", "unauthenticated", "Unauthenticated"),
    ("403", "forbidden", "Forbidden"),
    ("404", "not_found", "NotFound"),
    ("404", "not_found: the seller is another one", "AnotherSeller"),
    ("404", "not_found: the shipment does not exist, or is another seller's", "NoShipment"),
    ("409", "version_conflict", "Contended"),
    ("409", "invalid_transition, version_conflict", "NotNow"),
    ("412", "version_conflict", "VersionConflict"),
    ("413", "payload_too_large", "PayloadTooLarge"),
    ("422", "validation_failed", "Invalid"),
    ("422", "validation_failed, idempotency_mismatch", "InvalidOrAnotherRequest"),
    ("422", "validation_failed, ORD-1002, idempotency_mismatch", "InvalidCartOrAnotherRequest"),
    ("429", "rate_limited", "TooMany"),
    ("431", "payload_too_large: more than 10 KB of headers", "HeadersTooLarge"),
    ("503", "unavailable", "Unavailable"),
];

/// Whether only who is known may ask: the document's default.
fn asks_who(operation: &Operation) -> bool {
    operation.security.is_none()
}

fn names_a_thing(operation: &Operation) -> bool {
    let in_path = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Path,
        RefOr::Ref(_) => false,
    };
    operation.parameters.iter().flatten().any(in_path)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Order management",
        description = "Orders from cart to delivery: create, pay, ship, return and refund. Errors are `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody)),
    security(("bearer" = [])),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_with(Default::default).add_security_scheme("bearer", scheme);
    }
}

/// Every error has the same body, and is described once among the document's responses.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut described = BTreeMap::new();
        for operation in document.paths.paths.values_mut().flat_map(each) {
            let common = COMMON.iter().filter(|(_, _, has)| has(operation)).copied().collect::<Vec<_>>();
            let own = operation.operation_id.clone().unwrap_or_default();
            let responses = &mut operation.responses.responses;
            for (status, description, _) in common {
                let known = ResponseBuilder::new().description(description).build();
                responses.entry(status.to_owned()).or_insert(RefOr::T(known));
            }
            for (status, response) in responses {
                if let RefOr::T(known) = response
                    && status.starts_with(['4', '5'])
                    && known.content.is_empty()
                {
                    let name = name_of(status, &known.description, &own);
                    problem(known);
                    let reference = RefOr::Ref(Ref::from_response_name(&name));
                    described.insert(name, std::mem::replace(response, reference));
                }
            }
        }
        document.components.get_or_insert_with(Default::default).responses.extend(described);
    }
}

fn name_of(status: &str, description: &str, operation: &str) -> String {
    let shared = SHARED.iter().find(|(own, text, _)| (*own, *text) == (status, description));
    match shared {
        Some((_, _, name)) => (*name).to_owned(),
        None => format!("{}{}{status}", operation[..1].to_uppercase(), &operation[1..]),
    }
}

fn problem(response: &mut Response) {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    response.content.insert("application/problem+json".to_owned(), body.into());
}

/// Writes scalars where they are used: a bound is read beside its field, and a list of words needs no name of its own
/// unless several fields know them.
fn inline_bounds(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let scalars: BTreeMap<String, Value> = schemas
        .into_iter()
        .filter(|(_, schema)| matches!(schema["type"].as_str(), Some("string" | "integer")) && schema["enum"].is_null())
        .map(|(name, schema)| (format!("#/components/schemas/{name}"), schema))
        .collect();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| !scalars.contains_key(&format!("#/components/schemas/{name}")));
    }
    inline(document, &scalars);
}

fn inline(value: &mut Value, scalars: &BTreeMap<String, Value>) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| inline(entry, scalars)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| inline(field, scalars));
            let scalar = fields.get("$ref").and_then(Value::as_str).and_then(|name| scalars.get(name)).cloned();
            if let Some(Value::Object(scalar)) = scalar {
                fields.remove("$ref");
                add(fields, scalar);
            }
            flatten(fields);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// "Nothing, or this text" is one type with two kinds.
fn flatten(fields: &mut Map<String, Value>) {
    let Some([one, two]) = fields.get("oneOf").and_then(Value::as_array).map(Vec::as_slice) else { return };
    let other = if one["type"] == "null" { two } else { one };
    let nullable = one["type"] == "null" || two["type"] == "null";
    let Some(kind) = other["type"].as_str().filter(|kind| nullable && matches!(*kind, "string" | "integer")) else {
        return;
    };
    if !other["enum"].is_null() {
        return;
    }
    let kinds = serde_json::json!([kind, "null"]);
    let mut other = other.as_object().cloned().unwrap_or_default();
    other.insert("type".to_owned(), kinds);
    fields.remove("oneOf");
    add(fields, other);
}

/// What stands there already is meant for this place.
fn add(fields: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        fields.entry(name).or_insert(value);
    }
}

fn each(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// The document: what all have in common around the routes of the functions.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi().merge_from(oms_functions::routes());
    Bearer.modify(&mut document);
    Problems.modify(&mut document);
    document
}

/// The document as JSON.
pub fn json() -> Result<Value, String> {
    let mut document = serde_json::to_value(document()).map_err(|error| error.to_string())?;
    inline_bounds(&mut document);
    Ok(document)
}

/// The document as YAML.
pub fn yaml() -> Result<String, String> {
    // Read back, its parts stand in their usual order.
    let document: utoipa::openapi::OpenApi = serde_json::from_value(json()?).map_err(|error| error.to_string())?;
    document.to_yaml().map_err(|error| error.to_string())
}

/// Method and path of every documented route.
pub fn routes() -> Vec<(String, String)> {
    operations().into_iter().map(|(method, path, _)| (method, path)).collect()
}

/// The same with the names of their operations.
pub fn operations() -> Vec<(String, String, String)> {
    let document = document();
    let mut routes = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            let known = operation.as_ref().and_then(|operation| operation.operation_id.clone());
            routes.extend(known.map(|id| (method.to_owned(), path.clone(), id)));
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;
    use oms_runtime::http::shape::Shape;
    use std::collections::BTreeSet;

    /// Every operation with its name.
    fn all(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|item| item.as_object().unwrap().values());
        let named: Vec<_> = operations.map(|one| (one["operationId"].as_str().unwrap().to_owned(), one)).collect();
        assert!(named.len() > 25, "{}", named.len());
        named
    }

    fn schema_of<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(named) => document.pointer(named.strip_prefix('#').unwrap()).unwrap(),
            None => schema,
        }
    }

    /// A schema of a name that is taken silently stands for the other: kept means of payment were described as shipping
    /// methods once.
    #[test]
    fn no_two_types_share_the_name_of_a_schema() {
        let mut parts: Vec<(&str, utoipa::openapi::OpenApi)> = oms_functions::contexts();
        let mut seen: BTreeMap<String, Value> = BTreeMap::new();
        for (context, routes) in &mut parts {
            let routes = serde_json::to_value(routes).unwrap();
            for (name, schema) in routes["components"]["schemas"].as_object().into_iter().flatten() {
                let before = seen.insert(name.clone(), schema.clone());
                assert!(before.is_none_or(|before| before == *schema), "{name} of {context} is another one elsewhere");
            }
        }
        assert!(seen.len() > 40, "{}", seen.len());
    }

    #[test]
    fn every_route_has_a_request_body_of_its_own() {
        let document = json().unwrap();
        let mut used = BTreeSet::new();
        for (name, operation) in all(&document) {
            let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
            let Some(schema) = schema.and_then(Value::as_str) else { continue };
            assert!(used.insert(schema.to_owned()), "{name} shares {schema}");
        }
        assert!(used.len() > 10, "{used:?}");
    }

    #[test]
    fn every_error_of_every_route_is_a_problem_that_is_described_once() {
        let document = json().unwrap();
        let mut words: BTreeMap<(String, String), String> = BTreeMap::new();
        for (name, operation) in all(&document) {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let own_words = name == "ready" && status == "503";
                if !status.starts_with(['4', '5']) || own_words {
                    continue;
                }
                let referred = response["$ref"].as_str().unwrap_or_else(|| panic!("{name} {status} is written inline"));
                let described = schema_of(&document, response);
                let kinds: Vec<_> = described["content"].as_object().unwrap().keys().collect();
                assert_eq!(kinds, ["application/problem+json"], "{name} {status}");
                let text = described["description"].as_str().unwrap().to_owned();
                let before = words.insert((status.clone(), text.clone()), referred.to_owned());
                assert!(before.is_none_or(|before| before == referred), "{name} {status}: `{text}` is described twice");
            }
        }
    }

    #[test]
    fn every_command_on_an_order_may_meet_a_version_conflict() {
        let document = json().unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            if !path.starts_with("/api/orders/{order_id}") {
                continue;
            }
            for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "get") {
                for status in ["409", "412"] {
                    let text = schema_of(&document, &operation["responses"][status])["description"].as_str();
                    assert!(
                        text.is_some_and(|text| text.contains("version_conflict")),
                        "{method} {path} {status}: {text:?}"
                    );
                }
            }
        }
    }

    /// Refuses a schema that says nothing of how much it takes.
    fn bounded(document: &Value, schema: &Value, place: &str, unbounded: &mut Vec<String>) {
        let schema = schema_of(document, schema);
        for choice in ["oneOf", "allOf"].iter().filter_map(|word| schema[word].as_array()).flatten() {
            bounded(document, choice, place, unbounded);
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
        let is_bounded = match kind {
            "string" => !(schema["maxLength"].is_null() && schema["enum"].is_null() && schema["format"].is_null()),
            "array" => !schema["maxItems"].is_null(),
            "integer" => !(schema["maximum"].is_null() && schema["format"].is_null()),
            _ => true,
        };
        if !is_bounded {
            unbounded.push(place.to_owned());
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            bounded(document, field, &format!("{place}/{name}"), unbounded);
        }
        for inner in
            ["items", "additionalProperties"].map(|word| &schema[word]).into_iter().filter(|one| one.is_object())
        {
            bounded(document, inner, &format!("{place}/…"), unbounded);
        }
    }

    #[test]
    fn everything_that_is_sent_has_bounds() {
        let document = json().unwrap();
        let mut unbounded = Vec::new();
        for (name, operation) in all(&document) {
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !["paymentCallback", "carrierCallback"].contains(&name.as_str()) {
                bounded(&document, body, &name, &mut unbounded);
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let place = format!("{name} {}", parameter["name"]);
                if parameter["schema"]["type"] != "array" {
                    bounded(&document, &parameter["schema"], &place, &mut unbounded);
                }
            }
        }
        assert!(unbounded.is_empty(), "{unbounded:#?}");
    }

    #[test]
    fn every_operation_shows_an_example_of_what_it_takes_and_answers_and_each_fits() {
        let document = json().unwrap();
        let parts: BTreeMap<String, Value> =
            document["components"]["schemas"].as_object().unwrap().clone().into_iter().collect();
        let mut missing = Vec::new();
        for (name, operation) in all(&document) {
            let body = &operation["requestBody"]["content"];
            let answers =
                operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            let contents = answers.map(|(_, answer)| &answer["content"]).chain([body]);
            for content in contents.filter_map(Value::as_object).flat_map(serde_json::Map::values) {
                let schema = &content["schema"];
                let own = content.get("example").or_else(|| schema_of(&document, schema)["examples"].get(0));
                let Some(example) = own else {
                    missing.push(name.clone());
                    continue;
                };
                if !example.is_string() {
                    let faults = Shape::new(schema.clone(), parts.clone()).faults(example);
                    assert!(faults.fields.is_empty(), "{name}: {faults:?}");
                }
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }
}
