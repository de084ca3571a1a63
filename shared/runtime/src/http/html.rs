//! Pages of HTML, for people who print them.
//!
//! Escaped by construction: every value that a template shows is escaped, also inside of quoted attributes, and the filter that
//! would take that back is not there. A page brings its one style sheet along and is told to use nothing else: no script, no image,
//! no form, no frame, and no other style, which the browser knows by its hash.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, header};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, escape_formatter};
use oms_app::world::Misconfigured;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::answer::Answer;
use super::problem::Problem;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The compiled templates of a function.
pub struct Pages {
    environment: Environment<'static>,
    policy: String,
}

impl Pages {
    /// Compiles templates, each with its name. They show `style`, the sheet, between `<style>` and `</style>` and nothing beside it.
    /// One that does not compile is told at start, not when it is needed.
    pub fn new(
        sheet: &'static str,
        templates: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> Result<Self, Misconfigured> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.remove_filter("safe");
        environment.set_formatter(|out, state, value| {
            // A template may switch escaping off for a part of itself; then it shows nothing at all.
            if !matches!(state.auto_escape(), AutoEscape::Html) {
                return Err(Error::new(ErrorKind::InvalidOperation, "pages escape every value"));
            }
            escape_formatter(out, state, value)
        });
        // A misspelt variable is an error, not an empty place on a page.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_global("style", Value::from_safe_string(sheet.to_owned()));
        for (name, source) in templates {
            let compiled = environment.add_template(name, source);
            compiled.map_err(|error| Misconfigured(format!("page {name}: {error:#}")))?;
        }
        let hash = BASE64_STANDARD.encode(Sha256::digest(sheet));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        Ok(Pages { environment, policy })
    }

    /// 200 with a page in English.
    pub fn show(&self, name: &str, values: impl Serialize) -> Result<Answer, Problem> {
        let values = Value::from(Serde(values));
        let page = self.environment.get_template(name).and_then(|template| template.render(values));
        let page = page.map_err(|error| Problem::internal(&format!("page {name}: {error:#}")))?;
        let answer = Answer::of_type(HTML, page).with(header::CONTENT_LANGUAGE, "en");
        Ok(answer.with(header::CONTENT_SECURITY_POLICY, &self.policy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHEET: &str = "td > b { color: black; }";

    fn shown(template: &'static str, values: &serde_json::Value) -> Result<Answer, Problem> {
        Pages::new(SHEET, [("page", template)]).unwrap().show("page", values)
    }

    #[test]
    fn what_is_shown_is_escaped_in_texts_and_attributes() {
        let evil = json!({ "name": r#"<script>alert("1")</script>' onload='x"# });
        let page = shown(r#"<p title="{{ name }}">{{ name }}</p>"#, &evil).unwrap().body;
        assert!(!page.contains("<script") && !page.contains("' onload") && !page.contains("(\"1"), "{page}");
        assert_eq!(page.matches("&lt;script&gt;").count(), 2, "{page}");
    }

    #[test]
    fn nothing_takes_the_escaping_back() {
        for template in ["{{ name|safe }}", "{% autoescape false %}{{ name }}{% endautoescape %}"] {
            let pages = Pages::new(SHEET, [("page", template)]);
            let page = pages.map(|pages| pages.show("page", json!({ "name": "<b>" })));
            assert!(!matches!(&page, Ok(Ok(page)) if page.body.contains("<b>")), "{template}: {page:?}");
        }
    }

    #[test]
    fn a_misspelt_value_is_no_empty_place() {
        let problem = shown("{{ nmae }}", &json!({ "name": "Ada" })).unwrap_err();
        assert_eq!(problem.status(), http::StatusCode::INTERNAL_SERVER_ERROR);
        assert!(Pages::new(SHEET, [("page", "{% for %}")]).is_err());
    }

    #[test]
    fn the_policy_names_the_sheet_as_it_stands_in_the_page() {
        let answer = shown("<style>{{ style }}</style>", &json!({})).unwrap();
        let said = |name| answer.headers.iter().find(|(own, _)| own == name).unwrap().1.to_str().unwrap();
        let sheet = answer.body.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = BASE64_STANDARD.encode(Sha256::digest(sheet));
        let policy = said(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")) && policy.starts_with("default-src 'none';"));
        assert_eq!((said(header::CONTENT_TYPE), said(header::CONTENT_LANGUAGE)), ("text/html; charset=utf-8", "en"));
    }
}
