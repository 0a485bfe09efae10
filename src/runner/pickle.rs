//! Reads the few Python values that a scheduler needs out of Metaflow's artifacts: `None`, numbers, text, lists,
//! tuples and what JSON holds. Never imports or calls anything: an object is the arguments it would be made of.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Number, Value as Json};

/// A value as far as a scheduler can use it.
#[derive(Clone, Debug, PartialEq)]
pub enum Pickled {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A list, tuple or set; an object of a class is the sequence of its constructor's arguments.
    Items(Vec<Pickled>),
    /// In order; of a dict that stands in two places, only the first has its entries.
    Dict(Vec<(Pickled, Pickled)>),
    /// Anything else: a class, bytes.
    Other,
}

impl Pickled {
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Bool(flag) => Some(i64::from(*flag)),
            Self::None | Self::Float(_) | Self::Text(_) | Self::Items(_) | Self::Dict(_) | Self::Other => {
                None
            }
        }
    }

    pub fn as_items(&self) -> Option<&[Self]> {
        if let Self::Items(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// What came from JSON, as JSON; nothing where any part of it is something else.
    pub fn to_json(&self) -> Option<Json> {
        match self {
            Self::None => Some(Json::Null),
            Self::Bool(flag) => Some((*flag).into()),
            Self::Int(number) => Some((*number).into()),
            Self::Float(number) => Number::from_f64(*number).map(Json::Number),
            Self::Text(text) => Some(text.as_str().into()),
            Self::Items(items) => items.iter().map(Self::to_json).collect(),
            Self::Dict(entries) => {
                let entry = |(key, value): &(Self, Self)| Some((key.as_text()?.to_owned(), value.to_json()?));
                let entries: Option<Map<String, Json>> = entries.iter().map(entry).collect();
                entries.map(Json::Object)
            }
            Self::Other => None,
        }
    }

    /// The texts of a list of texts.
    pub fn texts(&self) -> Vec<String> {
        let items = self.as_items().unwrap_or_default();
        items
            .iter()
            .filter_map(Self::as_text)
            .map(str::to_owned)
            .collect()
    }
}

/// Reads a pickle of protocol 2 to 5.
///
/// # Errors
/// Bytes that are no pickle, or one of an opcode that none of the values above needs.
pub fn read(bytes: &[u8]) -> Result<Pickled> {
    let mut reader = Reader {
        rest: bytes,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
    };
    while let Some(opcode) = reader.byte() {
        if opcode == b'.' {
            return reader.pop();
        }
        reader.step(opcode)?;
    }
    bail!("a pickle ends early")
}

struct Reader<'a> {
    rest: &'a [u8],
    stack: Vec<Pickled>,
    marks: Vec<usize>,
    memo: Vec<Pickled>,
}

impl<'a> Reader<'a> {
    fn step(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            b'N' => self.push(Pickled::None),
            0x88 => self.push(Pickled::Bool(true)),
            0x89 => self.push(Pickled::Bool(false)),
            b'K' => self.integer(1),
            b'M' => self.integer(2),
            b'J' => self.signed_integer(),
            0x8a => self.long(),
            b'G' => self.float(),
            0x8c => self.text(1),
            b'X' => self.text(4),
            0x8d => self.text(8),
            b'C' => self.bytes(1),
            b'B' => self.bytes(4),
            b']' | b')' | 0x8f => self.push(Pickled::Items(Vec::new())),
            b'}' => self.push(Pickled::Dict(Vec::new())),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'a' => self.append_one(),
            b'e' | 0x90 => self.append_marked(),
            b's' => self.set_one(),
            b'u' => self.set_marked(),
            b't' => {
                let items = self.marked()?;
                self.push(Pickled::Items(items))
            }
            0x85..=0x87 => self.tuple(usize::from(opcode - 0x84)),
            b'R' | 0x81 => self.construct(),
            b'b' => self.drop_values(1),
            b'c' => self.global(),
            0x93 => {
                self.drop_values(2)?;
                self.push(Pickled::Other)
            }
            _ => self.memoize(opcode),
        }
    }

    /// The opcodes that keep and fetch values, and those that only frame.
    fn memoize(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            0x80 => self.take(1).map(drop),
            0x95 => self.take(8).map(drop),
            0x94 => {
                let top = self.stack.last().cloned().context("nothing to remember")?;
                self.memo.push(top);
                Ok(())
            }
            b'q' => self.put(1),
            b'r' => self.put(4),
            b'h' => self.get(1),
            b'j' => self.get(4),
            other => bail!("a pickle uses the opcode {other:#04x}"),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn take(&mut self, size: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(size).context("a pickle ends early")?;
        self.rest = rest;
        Ok(taken)
    }

    /// An unsigned little-endian number.
    fn number(&mut self, width: usize) -> Result<usize> {
        let bytes = self.take(width)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |sum, &byte| (sum << 8) | usize::from(byte)))
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the last expression of every opcode that makes a value"
    )]
    fn push(&mut self, value: Pickled) -> Result<()> {
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Pickled> {
        self.stack.pop().context("a pickle has no value")
    }

    fn drop_values(&mut self, count: usize) -> Result<()> {
        for _ in 0..count {
            self.pop()?;
        }
        Ok(())
    }

    fn integer(&mut self, width: usize) -> Result<()> {
        let number = self.number(width)?;
        self.push(Pickled::Int(i64::try_from(number)?))
    }

    fn signed_integer(&mut self) -> Result<()> {
        let bytes: [u8; 4] = self.take(4)?.try_into()?;
        self.push(Pickled::Int(i64::from(i32::from_le_bytes(bytes))))
    }

    /// LONG1: any width, two's complement.
    fn long(&mut self) -> Result<()> {
        let width = self.number(1)?;
        let bytes = self.take(width)?;
        let fill = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) {
            0xff
        } else {
            0
        };
        let mut wide = [fill; 8];
        let Some(target) = wide.get_mut(..width) else {
            return self.push(Pickled::Other);
        };
        target.copy_from_slice(bytes);
        self.push(Pickled::Int(i64::from_le_bytes(wide)))
    }

    fn float(&mut self) -> Result<()> {
        let bytes: [u8; 8] = self.take(8)?.try_into()?;
        self.push(Pickled::Float(f64::from_be_bytes(bytes)))
    }

    fn skipped(&mut self, width: usize) -> Result<()> {
        self.take(width)?;
        self.push(Pickled::Other)
    }

    fn text(&mut self, width: usize) -> Result<()> {
        let size = self.number(width)?;
        let text = String::from_utf8_lossy(self.take(size)?).into_owned();
        self.push(Pickled::Text(text))
    }

    fn bytes(&mut self, width: usize) -> Result<()> {
        let size = self.number(width)?;
        self.skipped(size)
    }

    fn marked(&mut self) -> Result<Vec<Pickled>> {
        let mark = self.marks.pop().context("a pickle closes what it did not open")?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn extend(&mut self, values: Vec<Pickled>) -> Result<()> {
        if let Pickled::Items(items) = self.stack.last_mut().context("nothing to append to")? {
            items.extend(values);
        }
        Ok(())
    }

    fn append_one(&mut self) -> Result<()> {
        let value = self.pop()?;
        self.extend(vec![value])
    }

    fn append_marked(&mut self) -> Result<()> {
        let values = self.marked()?;
        self.extend(values)
    }

    fn set_one(&mut self) -> Result<()> {
        let value = self.pop()?;
        let key = self.pop()?;
        self.set(vec![(key, value)])
    }

    fn set_marked(&mut self) -> Result<()> {
        let values = self.marked()?;
        let (keys, values): (Vec<_>, Vec<_>) = values
            .into_iter()
            .enumerate()
            .partition(|(index, _)| index.is_multiple_of(2));
        let without_index = |(_, value)| value;
        let values = values.into_iter().map(without_index);
        self.set(keys.into_iter().map(without_index).zip(values).collect())
    }

    fn set(&mut self, added: Vec<(Pickled, Pickled)>) -> Result<()> {
        if let Pickled::Dict(entries) = self.stack.last_mut().context("nothing to set in")? {
            entries.extend(added);
        }
        Ok(())
    }

    fn tuple(&mut self, size: usize) -> Result<()> {
        let start = self
            .stack
            .len()
            .checked_sub(size)
            .context("a tuple lacks items")?;
        let items = self.stack.split_off(start);
        self.push(Pickled::Items(items))
    }

    /// Class and arguments are on the stack: the arguments stay.
    fn construct(&mut self) -> Result<()> {
        let arguments = self.pop()?;
        self.pop()?;
        self.push(arguments)
    }

    /// Two lines of text: module and name.
    fn global(&mut self) -> Result<()> {
        for _ in 0..2 {
            let end = self
                .rest
                .iter()
                .position(|&byte| byte == b'\n')
                .context("a pickle ends early")?;
            self.take(end + 1)?;
        }
        self.push(Pickled::Other)
    }

    fn put(&mut self, width: usize) -> Result<()> {
        let index = self.number(width)?;
        let top = self.stack.last().cloned().context("nothing to remember")?;
        if index >= self.memo.len() {
            if index > self.rest.len() + self.memo.len() + 1 {
                bail!("a pickle remembers at {index}");
            }
            self.memo.resize(index + 1, Pickled::None);
        }
        if let Some(slot) = self.memo.get_mut(index) {
            *slot = top;
        }
        Ok(())
    }

    fn get(&mut self, width: usize) -> Result<()> {
        let index = self.number(width)?;
        let value = self
            .memo
            .get(index)
            .cloned()
            .context("a pickle fetches what it did not keep")?;
        self.push(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `pickle.dumps((["each"], "xs"), protocol=4)`.
    const TRANSITION: &[u8] =
        b"\x80\x04\x95\x13\x00\x00\x00\x00\x00\x00\x00]\x94\x8c\x04each\x94a\x8c\x02xs\x94\x86\x94.";

    #[test]
    fn reads_a_transition() {
        let read = read(TRANSITION).unwrap();
        let expected = Pickled::Items(vec![
            Pickled::Items(vec![Pickled::Text("each".into())]),
            Pickled::Text("xs".into()),
        ]);
        assert_eq!(read, expected);
    }

    #[test]
    fn a_dict_of_json_is_json() {
        // `pickle.dumps({"x": 5, "l": [1, {"b": None}], "f": 0.5}, protocol=4)`
        let bytes = b"\x80\x04\x95.\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01x\x94K\x05\x8c\x01l\x94]\x94(K\x01}\x94\x8c\x01b\x94Nse\x8c\x01f\x94G?\xe0\x00\x00\x00\x00\x00\x00u.";
        let json = read(bytes).unwrap().to_json().unwrap();
        assert_eq!(json, serde_json::json!({"x": 5, "l": [1, {"b": null}], "f": 0.5}));
        assert_eq!(Pickled::Items(vec![Pickled::Other]).to_json(), None);
    }

    #[test]
    fn an_object_is_its_arguments() {
        // ForeachFrame("s", "xs", 3, 300, None) of __main__, protocol 2.
        let bytes = b"\x80\x02c__main__\nForeachFrame\n(X\x01\x00\x00\x00sX\x02\x00\x00\x00xsK\x03M,\x01Ntq\x00\x81q\x01.";
        let frame = read(bytes).unwrap();
        let items = frame.as_items().unwrap();
        assert_eq!((items[2].as_int(), items[3].as_int()), (Some(3), Some(300)));
    }

    #[test]
    fn never_panics_on_any_prefix() {
        for end in 0..TRANSITION.len() {
            assert!(read(&TRANSITION[..end]).is_err());
        }
        assert_eq!(read(b"\x80\x02\x8a\x01\xff.").unwrap(), Pickled::Int(-1));
    }
}
