//! The `OpenAPI` document, made from the handlers' own annotations and types.

use oms_runtime::http::ProblemBody;
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

/// What is refused alike everywhere is described here, and every error has the same body.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            let common = COMMON.iter().filter(|(_, _, has)| has(operation)).copied().collect::<Vec<_>>();
            let responses = &mut operation.responses.responses;
            for (status, description, _) in common {
                let known = ResponseBuilder::new().description(description).build();
                responses.entry(status.to_owned()).or_insert(RefOr::T(known));
            }
            for (status, response) in responses {
                if let RefOr::T(response) = response
                    && status.starts_with(['4', '5'])
                    && response.content.is_empty()
                {
                    problem(response);
                }
            }
        }
    }
}

fn problem(response: &mut Response) {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    response.content.insert("application/problem+json".to_owned(), body.into());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// The document: what all have in common around the routes of the functions.
fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi().merge_from(oms_functions::routes());
    Bearer.modify(&mut document);
    Problems.modify(&mut document);
    document
}

/// The document as YAML.
pub fn yaml() -> Result<String, String> {
    document().to_yaml().map_err(|error| error.to_string())
}

/// Method and path of every documented route.
pub fn routes() -> Vec<(String, String)> {
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
        routes.extend(
            methods.into_iter().filter(|(_, known)| known.is_some()).map(|(name, _)| (name.into(), path.clone())),
        );
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Schemas of one name would silently stand for each other.
    #[test]
    fn every_route_has_a_request_body_of_its_own() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let mut used: BTreeMap<String, String> = BTreeMap::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
                let Some(name) = schema.and_then(serde_json::Value::as_str) else { continue };
                let route = format!("{method} {path}");
                assert_eq!(used.insert(name.to_owned(), route.clone()), None, "{route} shares {name}");
            }
        }
        assert!(used.len() > 10, "{used:?}");
    }

    #[test]
    fn every_error_of_every_route_is_a_problem() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let content = response["content"].as_object().map_or(Vec::new(), |all| all.keys().collect());
                    let own_words = path == "/health/ready" && status == "503";
                    let expected = match status.as_bytes()[0] {
                        b'4' | b'5' if !own_words => vec!["application/problem+json"],
                        _ if status == "204" => Vec::new(),
                        _ => vec!["application/json"],
                    };
                    assert_eq!(content, expected, "{method} {path}: {status}");
                }
            }
        }
    }

    /// A schema of a name that is taken silently stands for the other: kept means of payment were described as shipping
    /// methods once.
    #[test]
    fn no_two_schemas_share_a_name() {
        let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let files = |folder: &str| std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let functions = files("functions").map(|package| package.join("src/lib.rs"));
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        for file in functions.chain(files("shared/runtime/src/http")) {
            let text = std::fs::read_to_string(&file).unwrap();
            let derived =
                text.split("#[derive(").skip(1).filter(|part| part.split(')').next().unwrap().contains("ToSchema"));
            for part in derived {
                let before = part.split('{').next().unwrap();
                let renamed = before.split("schema(as = ").nth(1).and_then(|rest| rest.split([')', ',']).next());
                let declared =
                    ["pub struct ", "pub enum ", "struct ", "enum "].iter().find_map(|word| before.split(word).nth(1));
                let own = declared.map(|rest| rest.split([' ', '<', ';']).next().unwrap().trim());
                let name = renamed.or(own).unwrap().to_owned();
                assert_eq!(seen.insert(name.clone(), file.display().to_string()), None, "{name} in {}", file.display());
            }
        }
        assert!(seen.len() > 40, "{seen:?}");
    }
}
