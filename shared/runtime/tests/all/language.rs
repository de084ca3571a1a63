//! The language that a client prefers.

use oms_runtime::http::{Request, language};

fn preferred(header: &str) -> Option<String> {
    let headers = vec![("accept-language".to_owned(), header.to_owned())];
    language::preferred(&Request { headers, ..Request::default() })
}

#[test]
fn the_language_with_the_greatest_weight_is_taken() {
    for (header, language) in [
        ("de-ch", Some("de-CH")),
        ("fr;q=0.3, de-DE;q=0.9, en;q=0.8", Some("de-DE")),
        ("en, de", Some("en")),
        ("*, nl;q=0.5", Some("nl")),
        ("de;q=0, en;q=0.1", Some("en")),
        ("pt-BR;q=1.000,en;q=0.999", Some("pt-BR")),
        ("", None),
        ("*", None),
        ("de;q=2", None),
        ("de;q=0.1234", None),
        ("\u{e4};q=1, !!", None),
    ] {
        assert_eq!(preferred(header).as_deref(), language, "{header}");
    }
    assert_eq!(language::preferred(&Request::default()), None);
    assert_eq!(preferred(&"x-,".repeat(10_000)), None);
}
