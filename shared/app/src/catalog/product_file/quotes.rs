//! Quotes in CSV (RFC 4180): the reader takes whatever there is, so a quote that is not closed would swallow rows unseen.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a cell begins.
    Start,
    Plain,
    Quoted,
    /// Behind a quote within a quoted cell: its end, or the first of two.
    Closing,
}

fn next(place: Place, byte: u8, delimiter: u8) -> Option<Place> {
    let ends = byte == delimiter || matches!(byte, b'\n' | b'\r');
    Some(match place {
        Place::Start | Place::Closing if byte == b'"' => Place::Quoted,
        Place::Quoted if byte == b'"' => Place::Closing,
        Place::Quoted => Place::Quoted,
        // Spaces around a cell are trimmed.
        Place::Closing if byte == b' ' => Place::Closing,
        Place::Closing if !ends => return None,
        Place::Start | Place::Plain | Place::Closing if ends => Place::Start,
        Place::Start | Place::Plain | Place::Closing => Place::Plain,
    })
}

/// The line, from 1, of the first cell whose quotes do not fit.
pub(super) fn first_broken(csv: &[u8], delimiter: u8) -> Option<usize> {
    let (mut place, mut line, mut opened) = (Place::Start, 1, 1);
    for byte in csv {
        let before = place;
        match next(place, *byte, delimiter) {
            Some(after) => place = after,
            None => return Some(opened),
        }
        if before == Place::Start && place == Place::Quoted {
            opened = line;
        }
        if *byte == b'\n' {
            line += 1;
        }
    }
    (place == Place::Quoted).then_some(opened)
}

/// The bytes of a line that stand in no quotes.
pub(super) fn outside(line: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut quoted = false;
    line.iter().copied().filter(move |byte| {
        if *byte == b'"' {
            quoted = !quoted;
        }
        !quoted
    })
}
