//! Web addresses in texts that are repeated to strangers: an order can be placed in anybody's name, and a message from the
//! shop must not carry somebody else's link (A2).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Ends of domains that mail programs make links of, and that no word of a person's name is likely to be behind a dot. What is
/// a surname as well, such as `page`, counts only before a path.
static ENDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    "ac ai am app art at au be bg biz blog br buzz by ca cam cc cf ch cl click cloud club cn co com cz de dev dk ee es eu example fi fm fr fun \
     ga gg gl gq gr hk hr icu id ie il in info io ir is it jp ke kr kz link live lol lt lv ly me media mk ml mobi mx my name \
     net news nl no nu nz one online org ph pk pl pro pt pw rip ro rs ru sale sbs se sg sh shop si site sk space store tech th tk to \
     top tr tv tw ua uk uno us uz vip vn win work world wtf xyz za zip рф укр 中国 公司 网络"
        .split_ascii_whitespace()
        .collect()
});

/// What stands before a name with its dot and no space, as in `Dr.De Vries`.
const TITLES: [&str; 24] = [
    "dr", "prof", "mr", "mrs", "ms", "mx", "st", "ste", "sta", "sr", "jr", "fr", "hr", "ing", "dipl", "mag", "rev",
    "sgt", "lt", "col", "gen", "mme", "mlle", "phil",
];

/// The text as a browser reads it: one kind of dot, colon and slash, and nothing without a form.
fn as_read(text: &str) -> String {
    let invisible = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let seen = text.chars().filter(|character| !invisible.contains(*character));
    let plain = seen.map(|character| match character {
        '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' | '\u{fe52}' => '.',
        '\u{ff1a}' | '\u{fe55}' => ':',
        '\u{ff0f}' | '\u{2044}' | '\u{2215}' | '\\' => '/',
        // Letters and digits in full width.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        other => other,
    });
    plain.flat_map(char::to_lowercase).collect()
}

/// Whether a text holds what can only be a web address: a scheme, or `www.`. So `Amazon.de GmbH` is a company.
pub fn has_link(text: &str) -> bool {
    let text = as_read(text);
    let begins = |word: &str| {
        text.match_indices(word).any(|(place, _)| {
            let before = text.get(..place).and_then(|before| before.chars().next_back());
            let after = text.get(place + word.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(char::is_alphanumeric) && after.is_some_and(|after| !after.is_whitespace())
        })
    };
    text.contains("://") || ["www.", "http:", "https:"].into_iter().any(begins)
}

/// The same of a person's name, in which nothing that looks like a domain has a place either: `win500.example`, `evil.com/win`.
/// `J.R.R. Tolkien`, `St.Mary` and `Dr.De Vries` are names.
pub fn names_site(name: &str) -> bool {
    let text = as_read(name);
    let apart = |one: char| one.is_whitespace() || "@,;()<>[]{}\"'|*!".contains(one);
    has_link(name) || text.split(apart).any(is_site)
}

fn is_site(word: &str) -> bool {
    let (host, path) = word.split_once(['/', ':', '?', '#']).map_or((word, None), |(host, path)| (host, Some(path)));
    let host = host.trim_matches('.');
    let Some((before, end)) = host.rsplit_once('.') else { return false };
    let labels: Vec<&str> = before.split('.').collect();
    let named =
        labels.iter().all(|label| !label.is_empty() && label.chars().all(|one| one.is_alphanumeric() || one == '-'));
    let leads = path.is_some_and(|path| !path.is_empty());
    let top = end.chars().count() > 1 && end.chars().all(char::is_alphabetic);
    // `J.R.R.Tolkien/Lewis` has a slash, and initials before it.
    let initials = labels.iter().all(|label| label.chars().count() == 1);
    let titled = initials || labels.last().is_some_and(|label| TITLES.contains(label));
    named && ((ENDS.contains(end) && (leads || !titled)) || (top && leads && !titled) || end.starts_with("xn--"))
}
