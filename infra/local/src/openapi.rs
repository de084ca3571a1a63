//! The `OpenAPI` document, made from the handlers' own annotations and types.

use oms_runtime::http::ProblemBody;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Order management",
        description = "Takes an order, gets it paid, shipped and, if need be, returned. Errors are `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        quote_order::handle,
        create_order::handle,
        list_orders::handle,
        view_order::handle,
        update_status::handle,
        submit_order::handle,
        cancel_order::handle,
        refund_order::handle,
        review_order::handle,
        list_methods::handle,
        delete_method::handle,
        view_standing::handle,
        change_standing::handle,
        view_settings::handle,
        change_settings::handle,
        pay_order::handle,
        payment_callback::handle,
        list_products::handle,
        view_product::handle,
        create_product::handle,
        import_products::handle,
        update_product::handle,
        discontinue_product::handle,
        move_stock::handle,
        view_stock::handle,
        health::handle,
        health::ready,
    ),
    components(schemas(ProblemBody)),
    modifiers(&Bearer),
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

/// The document as YAML.
pub fn yaml() -> Result<String, String> {
    Document::openapi().to_yaml().map_err(|error| error.to_string())
}

/// Method and path of every documented route.
pub fn routes() -> Vec<(String, String)> {
    let document = Document::openapi();
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
}
