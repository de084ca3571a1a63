//! One description of the API: template, documentation and packages agree.

use std::collections::BTreeSet;
use std::path::Path;

use oms_local::template::{EventSource, Template};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn template() -> Template {
    let text = std::fs::read_to_string(Path::new(ROOT).join("template.yaml")).unwrap();
    Template::parse("template.yaml", &text, &[]).unwrap()
}

/// Method and path of every route, and whether it asks for a token.
pub(crate) fn routes() -> BTreeSet<(String, String, bool)> {
    let events = template().functions.into_iter().flat_map(|function| function.events);
    events
        .filter_map(|event| match event {
            EventSource::Http(route) => Some((route.method, route.path, route.authorized)),
            EventSource::Stream(_) | EventSource::Queue(_) | EventSource::Schedule(_) => None,
        })
        .collect()
}

#[test]
fn every_route_is_documented_and_every_documented_one_exists() {
    let routed: BTreeSet<_> = routes().into_iter().map(|(method, path, _)| (method, path)).collect();
    let documented: BTreeSet<_> = oms_local::openapi::routes().into_iter().collect();
    assert_eq!(routed, documented);
}

#[test]
fn every_function_of_the_template_has_its_binary_in_one_context() {
    let described: Vec<_> = template().functions.into_iter().map(|function| function.package).collect();
    let mut binaries = Vec::new();
    for context in std::fs::read_dir(Path::new(ROOT).join("functions")).unwrap() {
        let Ok(found) = std::fs::read_dir(context.unwrap().path().join("src/bin")) else { continue };
        binaries.extend(found.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()));
    }
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(described), sorted(binaries));
}

#[test]
fn only_health_and_who_proves_it_otherwise_ask_for_no_token() {
    let open: Vec<_> = routes().into_iter().filter(|(_, _, authorized)| !authorized).map(|(_, path, _)| path).collect();
    let callbacks = ["/api/carriers/callback/{carrier}", "/api/payments/callback/{provider}"];
    assert_eq!(open, ["/api/track/{token}", "/health", "/health/ready", callbacks[0], callbacks[1]]);
}
