//! Reads a label back from its PDF: by the table at its end, as readers of PDF do, and no more of the format than labels use.

use code128::{Bar, decode_str};

use crate::sandbox::label::font::Font;

/// What is drawn on a page, in the units of the canvas, from the bottom left corner.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) media_box: Vec<f32>,
    pub(super) lines: Vec<Line>,
    /// Left, bottom, width, height.
    pub(super) rectangles: Vec<[i64; 4]>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) text: String,
}

impl Page {
    /// What the bars of this height say.
    pub(super) fn barcode(&self, height: i64, module: i64) -> String {
        let bars = self.bars(height);
        let modules = |length: i64| {
            assert_eq!(length % module, 0, "half a module");
            u8::try_from(length / module).unwrap()
        };
        let space = |index: usize| bars.get(index + 1).map_or(0, |next| next[0] - bars[index][0] - bars[index][2]);
        let bars: Vec<Bar> =
            (0..bars.len()).map(|index| Bar { width: modules(bars[index][2]), space: modules(space(index)) }).collect();
        decode_str(&bars).unwrap()
    }

    pub(super) fn bars(&self, height: i64) -> Vec<[i64; 4]> {
        self.rectangles.iter().copied().filter(|rectangle| rectangle[3] == height).collect()
    }

    pub(super) fn says(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.text == text)
    }
}

/// The pages in their order. Whatever is not as it should be panics.
pub(super) fn pages(pdf: &[u8]) -> Vec<Page> {
    let objects = Objects::read(pdf);
    let catalog = objects.text(reference(&objects.trailer, "/Root"));
    let tree = objects.text(reference(&catalog, "/Pages"));
    let kids = tree.split_once("/Kids [").unwrap().1.split_once(']').unwrap().0;
    let kids: Vec<usize> = kids.split(" 0 R").filter_map(|kid| kid.trim().parse().ok()).collect();
    assert_eq!(number(&tree, "/Count"), kids.len());
    kids.into_iter().map(|kid| page(&objects, kid)).collect()
}

fn page(objects: &Objects<'_>, id: usize) -> Page {
    let dictionary = objects.text(id);
    let media_box = dictionary.split_once("/MediaBox [").unwrap().1.split_once(']').unwrap().0;
    let mut page =
        Page { media_box: media_box.split(' ').map(|side| side.parse().unwrap()).collect(), ..Page::default() };
    for font in [Font::Regular, Font::Bold] {
        let name = format!("/{}", std::str::from_utf8(font.name()).unwrap());
        let base = format!("/BaseFont /{}\n", std::str::from_utf8(font.base()).unwrap());
        assert!(objects.text(reference(&dictionary, &name)).contains(&base), "{base}");
    }
    draw(&mut page, objects.stream(reference(&dictionary, "/Contents")));
    page
}

fn draw(page: &mut Page, content: &[u8]) {
    let mut operands: Vec<Token> = Vec::new();
    let (mut font, mut size, mut at) = (Font::Regular, 0, [0, 0]);
    for token in tokens(content) {
        let Token::Word(word) = &token else {
            operands.push(token);
            continue;
        };
        let numbers = || operands.iter().filter_map(Token::length).collect::<Vec<i64>>();
        match word.as_str() {
            "re" => page.rectangles.push(numbers().try_into().unwrap()),
            "Tf" => {
                font = if operands[0] == Token::Name("F2".into()) { Font::Bold } else { Font::Regular };
                size = numbers()[0];
            }
            "Td" => at = numbers().try_into().unwrap(),
            "Tj" if at != [0, 0] => {
                let Some(Token::Text(bytes)) = operands.first() else { panic!("nothing to show") };
                // Up, as a line that is a hair too long is too long.
                let width = (font.width(bytes) * size + 999) / 1000;
                page.lines.push(Line { x: at[0], y: at[1], width, text: windows(bytes) });
            }
            "ET" => at = [0, 0],
            _ => {}
        }
        operands.clear();
    }
}

fn windows(bytes: &[u8]) -> String {
    let sign = |byte: &u8| match byte {
        0x80 => '€',
        0x85 => '…',
        0x92 => '’',
        0x96 => '–',
        byte => char::from(*byte),
    };
    bytes.iter().map(sign).collect()
}

struct Objects<'a> {
    pdf: &'a [u8],
    /// Where each starts, by its number.
    offsets: Vec<Option<usize>>,
    trailer: String,
}

impl<'a> Objects<'a> {
    fn read(pdf: &'a [u8]) -> Self {
        assert!(pdf.starts_with(b"%PDF-1."));
        assert!(pdf.ends_with(b"%%EOF"));
        let end = String::from_utf8_lossy(&pdf[pdf.len() - 40..]).into_owned();
        let start = number(&end, "startxref");
        let table = std::str::from_utf8(&pdf[start..]).unwrap();
        let (table, trailer) = table.split_once("trailer").unwrap();
        let mut rows = table.strip_prefix("xref\n").unwrap().lines();
        let (first, count) = rows.next().unwrap().split_once(' ').unwrap();
        assert_eq!(first, "0");
        let offset = |row: &str| row.trim_end().ends_with('n').then(|| row[..10].parse().unwrap());
        let offsets: Vec<Option<usize>> = rows.map(offset).collect();
        assert_eq!(count.parse(), Ok(offsets.len()));
        for (number, offset) in offsets.iter().enumerate() {
            let head = format!("{number} 0 obj\n");
            assert!(offset.is_none_or(|offset| pdf[offset..].starts_with(head.as_bytes())), "{head}");
        }
        Objects { pdf, offsets, trailer: trailer.to_owned() }
    }

    fn bytes(&self, number: usize) -> &'a [u8] {
        &self.pdf[self.offsets[number].unwrap()..]
    }

    /// A dictionary that is no stream.
    fn text(&self, number: usize) -> String {
        let bytes = self.bytes(number);
        let end = bytes.windows(7).position(|window| window == b"\nendobj").unwrap();
        String::from_utf8(bytes[..end].to_vec()).unwrap()
    }

    fn stream(&self, number: usize) -> &'a [u8] {
        const START: &[u8] = b"stream\n";
        let bytes = self.bytes(number);
        let start = bytes.windows(START.len()).position(|window| window == START).unwrap();
        let length = self::number(std::str::from_utf8(&bytes[..start]).unwrap(), "/Length");
        let (stream, rest) = bytes[start + START.len()..].split_at(length);
        assert!(rest.starts_with(b"\nendstream"));
        stream
    }
}

/// The number behind a name.
fn number(text: &str, name: &str) -> usize {
    let rest = text.split_once(name).unwrap_or_else(|| panic!("{name} in {text}")).1.trim_start();
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn reference(text: &str, name: &str) -> usize {
    number(text, &format!("{name} "))
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Name(String),
    Number(f32),
    Text(Vec<u8>),
}

impl Token {
    /// A whole length; those that are none belong to the page's scale and its mark.
    fn length(&self) -> Option<i64> {
        match self {
            Token::Number(number) => format!("{number}").parse().ok(),
            Token::Word(_) | Token::Name(_) | Token::Text(_) => None,
        }
    }
}

fn tokens(mut content: &[u8]) -> Vec<Token> {
    let mut tokens = Vec::new();
    while let [first, rest @ ..] = content {
        let (token, rest) = match first {
            b' ' | b'\n' => (None, rest),
            b'(' => literal(rest),
            b'<' => hexadecimal(rest),
            _ => {
                let end = content.iter().position(|byte| b" \n(<".contains(byte)).unwrap_or(content.len());
                let (word, rest) = content.split_at(end);
                (Some(plain(std::str::from_utf8(word).unwrap())), rest)
            }
        };
        tokens.extend(token);
        content = rest;
    }
    tokens
}

fn plain(word: &str) -> Token {
    match (word.strip_prefix('/'), word.parse()) {
        (Some(name), _) => Token::Name(name.to_owned()),
        (None, Ok(number)) => Token::Number(number),
        (None, Err(_)) => Token::Word(word.to_owned()),
    }
}

fn literal(content: &[u8]) -> (Option<Token>, &[u8]) {
    let (mut text, mut depth, mut at) = (Vec::new(), 1, 0);
    loop {
        match content[at] {
            b'\\' => {
                at += 1;
                assert!(b"\\()".contains(&content[at]), "no control characters");
            }
            b'(' => depth += 1,
            b')' if depth == 1 => return (Some(Token::Text(text)), &content[at + 1..]),
            b')' => depth -= 1,
            _ => {}
        }
        text.push(content[at]);
        at += 1;
    }
}

fn hexadecimal(content: &[u8]) -> (Option<Token>, &[u8]) {
    let end = content.iter().position(|byte| *byte == b'>').unwrap();
    let digits = std::str::from_utf8(&content[..end]).unwrap();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (Some(Token::Text((0..end).step_by(2).map(byte).collect())), &content[end + 1..])
}
