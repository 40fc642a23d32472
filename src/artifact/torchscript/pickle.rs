//! Python's pickles as data.
//!
//! A pickle is a program for a small stack machine that may call anything by name. Here it calls nothing: what it would
//! call, and with what, is the value. Sharing is kept, so what is read can be a graph, and even have cycles; whoever walks
//! through it has to bound the walk.

use std::collections::HashMap;

/// A value, by its index in the pickle that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(u32);

/// Where some bytes are in the pickle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    start: u32,
    end: u32,
}

impl Slice {
    fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// What a pickle holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Where the text is in the pickle.
    Text(Slice),
    /// A byte string, or an integer of more than eight bytes.
    Bytes(Slice),
    /// A class or a function: where its module and its name are.
    Global(Slice, Slice),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// What a call of something would return, and the state that it would be given then.
    Call {
        function: Id,
        arguments: Id,
        /// What is put into it as into a dictionary, as a dictionary.
        items: Option<Id>,
        state: Option<Id>,
    },
    /// What the reader of the pickle is to look up; torch's storages.
    Persistent(Id),
}

/// What is wrong with a pickle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PickleError {
    #[error("the pickle ends in the middle of an instruction")]
    Ends,
    #[error("the pickle takes something from an empty stack")]
    Empty,
    #[error("the pickle has an unknown instruction {0:#04x}")]
    Unknown(u8),
    #[error("the pickle refers to what it has not stored")]
    Memo,
    #[error("the pickle puts something into what is no container")]
    Container,
    #[error("the pickle has more than {MOST_STEPS} instructions")]
    Long,
}

/// Instructions, and with it values. A tensor takes about thirty.
const MOST_STEPS: usize = 1 << 19;

/// A pickle that has been read.
pub(super) struct Pickle<'a> {
    bytes: &'a [u8],
    values: Vec<Value>,
    root: Id,
    length: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle that these bytes begin with.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, PickleError> {
        Machine { bytes, at: 0, values: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() }.run()
    }

    pub(super) fn root(&self) -> Id {
        self.root
    }

    /// How many of the bytes it has.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn get(&self, id: Id) -> &Value {
        self.values.get(id.0 as usize).unwrap_or(&Value::None)
    }

    pub(super) fn text(&self, id: Id) -> Option<&'a str> {
        match self.get(id) {
            Value::Text(slice) => self.slice(*slice),
            _ => None,
        }
    }

    pub(super) fn int(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements of a list or tuple.
    pub(super) fn elements(&self, id: Id) -> &[Id] {
        match self.get(id) {
            Value::List(elements) | Value::Tuple(elements) => elements,
            _ => &[],
        }
    }

    /// The module and the name of a class or function.
    pub(super) fn global(&self, id: Id) -> Option<(&'a str, &'a str)> {
        match self.get(id) {
            Value::Global(module, name) => Some((self.slice(*module)?, self.slice(*name)?)),
            // Before 1.6, torch stored the source of a module's class together with the class.
            Value::Persistent(key) => match self.elements(*key) {
                [kind, class, ..] if self.text(*kind) == Some("module") => match self.get(*class) {
                    Value::Global(module, name) => Some((self.slice(*module)?, self.slice(*name)?)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// What a call would call, with which arguments, and the state that the result would be given.
    pub(super) fn call(&self, id: Id) -> Option<(&'a str, &'a str, Id, Option<Id>)> {
        match self.get(id) {
            Value::Call { function, arguments, state, .. } => {
                self.global(*function).map(|(module, name)| (module, name, *arguments, *state))
            }
            _ => None,
        }
    }

    /// The items of a dictionary, or of what a class of dictionaries made.
    pub(super) fn items(&self, id: Id) -> Option<&[(Id, Id)]> {
        match self.get(id) {
            Value::Dict(items) => Some(items),
            Value::Call { items: Some(items), .. } => match self.get(*items) {
                Value::Dict(items) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    fn slice(&self, slice: Slice) -> Option<&'a str> {
        std::str::from_utf8(slice.of(self.bytes)).ok()
    }
}

/// The stack machine, as in Python's `pickle.py`.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<usize, Id>,
}

impl<'a> Machine<'a> {
    fn run(mut self) -> Result<Pickle<'a>, PickleError> {
        for _ in 0..MOST_STEPS {
            let instruction = self.byte()?;
            if instruction == b'.' {
                let root = self.pop()?;
                return Ok(Pickle { bytes: self.bytes, values: self.values, root, length: self.at });
            }
            self.step(instruction)?;
        }
        Err(PickleError::Long)
    }

    #[allow(clippy::too_many_lines, reason = "one table of instructions reads better than several")]
    fn step(&mut self, instruction: u8) -> Result<(), PickleError> {
        match instruction {
            0x80 => {
                self.slice(1)?;
            }
            // FRAME only says how much to read at once.
            0x95 => {
                self.slice(8)?;
            }
            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                self.pop()?;
            }
            b'1' => {
                self.take_marked()?;
            }
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }

            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.integer(1)?,
            b'M' => self.integer(2)?,
            b'J' => {
                let bytes = self.array()?;
                self.push(Value::Int(i64::from(i32::from_le_bytes(bytes))));
            }
            0x8a => self.long(1)?,
            0x8b => self.long(4)?,
            b'G' => {
                let bytes = self.array()?;
                self.push(Value::Float(f64::from_be_bytes(bytes)));
            }
            b'I' | b'L' => {
                let line = self.line()?;
                let text = std::str::from_utf8(line.of(self.bytes)).unwrap_or_default();
                self.push(match text {
                    "00" => Value::Bool(false),
                    "01" => Value::Bool(true),
                    _ => text.trim_end_matches('L').parse().map_or(Value::Bytes(line), Value::Int),
                });
            }
            b'F' => {
                let line = self.line()?;
                let text = std::str::from_utf8(line.of(self.bytes)).unwrap_or_default();
                self.push(Value::Float(text.parse().unwrap_or(f64::NAN)));
            }

            b'X' | b'T' => self.counted(4, Value::Text)?,
            0x8c | b'U' => self.counted(1, Value::Text)?,
            0x8d => self.counted(8, Value::Text)?,
            b'B' => self.counted(4, Value::Bytes)?,
            b'C' => self.counted(1, Value::Bytes)?,
            0x8e | 0x96 => self.counted(8, Value::Bytes)?,
            b'S' | b'V' => {
                let line = self.line()?;
                self.push(Value::Text(line));
            }

            b')' => self.push(Value::Tuple(Vec::new())),
            b']' | 0x8f => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dict(Vec::new())),
            b't' => {
                let elements = self.take_marked()?;
                self.push(Value::Tuple(elements));
            }
            // A frozen set.
            b'l' | 0x91 => {
                let elements = self.take_marked()?;
                self.push(Value::List(elements));
            }
            b'd' => {
                let elements = self.take_marked()?;
                self.push(Value::Dict(pairs(&elements)));
            }
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b'a' => {
                let element = self.pop()?;
                self.extend(&[element])?;
            }
            // ADDITEMS, of a set, is not different.
            b'e' | 0x90 => {
                let elements = self.take_marked()?;
                self.extend(&elements)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(&[key, value])?;
            }
            b'u' => {
                let elements = self.take_marked()?;
                self.set(&elements)?;
            }

            b'c' => {
                let module = self.line()?;
                let name = self.line()?;
                self.push(Value::Global(module, name));
            }
            0x93 => {
                let name = self.pop()?;
                let module = self.pop()?;
                let value = match (&self.values[module.0 as usize], &self.values[name.0 as usize]) {
                    (Value::Text(module), Value::Text(name)) => Value::Global(*module, *name),
                    _ => return Err(PickleError::Container),
                };
                self.push(value);
            }
            b'R' | 0x81 => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                self.push(Value::Call { function, arguments, items: None, state: None });
            }
            0x92 => {
                self.pop()?;
                let arguments = self.pop()?;
                let function = self.pop()?;
                self.push(Value::Call { function, arguments, items: None, state: None });
            }
            b'o' => {
                let elements = self.take_marked()?;
                let (function, arguments) = elements.split_first().ok_or(PickleError::Empty)?;
                let arguments = self.store(Value::Tuple(arguments.to_vec()));
                self.push(Value::Call { function: *function, arguments, items: None, state: None });
            }
            b'i' => {
                let module = self.line()?;
                let name = self.line()?;
                let elements = self.take_marked()?;
                let function = self.store(Value::Global(module, name));
                let arguments = self.store(Value::Tuple(elements));
                self.push(Value::Call { function, arguments, items: None, state: None });
            }
            b'b' => {
                let given = self.pop()?;
                let target = self.top()?;
                if let Value::Call { state, .. } = &mut self.values[target.0 as usize] {
                    *state = Some(given);
                }
            }
            b'Q' => {
                let key = self.pop()?;
                self.push(Value::Persistent(key));
            }
            b'P' => {
                let line = self.line()?;
                let key = self.store(Value::Text(line));
                self.push(Value::Persistent(key));
            }

            b'q' => {
                let index = self.number(1)?;
                self.remember(index)?;
            }
            b'r' => {
                let index = self.number(4)?;
                self.remember(index)?;
            }
            0x94 => self.remember(self.memo.len())?,
            b'p' => {
                let index = self.decimal()?;
                self.remember(index)?;
            }
            b'h' => {
                let index = self.number(1)?;
                self.recall(index)?;
            }
            b'j' => {
                let index = self.number(4)?;
                self.recall(index)?;
            }
            b'g' => {
                let index = self.decimal()?;
                self.recall(index)?;
            }
            other => return Err(PickleError::Unknown(other)),
        }
        Ok(())
    }

    fn slice(&mut self, count: usize) -> Result<Slice, PickleError> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len()).ok_or(PickleError::Ends)?;
        let offset = |at| u32::try_from(at).map_err(|_| PickleError::Long);
        let slice = Slice { start: offset(self.at)?, end: offset(end)? };
        self.at = end;
        Ok(slice)
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let slice = self.slice(N)?;
        slice.of(self.bytes).try_into().map_err(|_| PickleError::Ends)
    }

    /// An unsigned number of up to eight bytes.
    fn number(&mut self, width: usize) -> Result<usize, PickleError> {
        let slice = self.slice(width)?;
        let value = slice.of(self.bytes).iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        usize::try_from(value).map_err(|_| PickleError::Ends)
    }

    /// Up to the end of the line, and past it.
    fn line(&mut self) -> Result<Slice, PickleError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = memchr::memchr(b'\n', rest).ok_or(PickleError::Ends)?;
        let line = self.slice(length)?;
        self.at += 1;
        Ok(line)
    }

    fn decimal(&mut self) -> Result<usize, PickleError> {
        let line = self.line()?;
        std::str::from_utf8(line.of(self.bytes)).ok().and_then(|text| text.parse().ok()).ok_or(PickleError::Memo)
    }

    fn integer(&mut self, width: usize) -> Result<(), PickleError> {
        let value = self.number(width)?;
        self.push(i64::try_from(value).map_or(Value::None, Value::Int));
        Ok(())
    }

    /// A signed number whose length comes first.
    fn long(&mut self, width: usize) -> Result<(), PickleError> {
        let length = self.number(width)?;
        let slice = self.slice(length)?;
        let bytes = slice.of(self.bytes);
        let sign = if bytes.last().is_some_and(|byte| *byte >= 0x80) { 0xff } else { 0 };
        let mut number = [sign; 8];
        self.push(match number.get_mut(..length) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(number))
            }
            None => Value::Bytes(slice),
        });
        Ok(())
    }

    fn counted(&mut self, width: usize, value: fn(Slice) -> Value) -> Result<(), PickleError> {
        let length = self.number(width)?;
        let slice = self.slice(length)?;
        self.push(value(slice));
        Ok(())
    }

    fn store(&mut self, value: Value) -> Id {
        // There are at most two values an instruction, so the number fits.
        let id = Id(u32::try_from(self.values.len()).unwrap_or(u32::MAX));
        self.values.push(value);
        id
    }

    fn push(&mut self, value: Value) {
        let id = self.store(value);
        self.stack.push(id);
    }

    fn pop(&mut self) -> Result<Id, PickleError> {
        self.stack.pop().ok_or(PickleError::Empty)
    }

    fn top(&self) -> Result<Id, PickleError> {
        self.stack.last().copied().ok_or(PickleError::Empty)
    }

    fn take_marked(&mut self) -> Result<Vec<Id>, PickleError> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or(PickleError::Empty)?;
        Ok(self.stack.split_off(mark))
    }

    fn tuple(&mut self, length: usize) -> Result<(), PickleError> {
        let start = self.stack.len().checked_sub(length).ok_or(PickleError::Empty)?;
        let elements = self.stack.split_off(start);
        self.push(Value::Tuple(elements));
        Ok(())
    }

    fn extend(&mut self, added: &[Id]) -> Result<(), PickleError> {
        let target = self.top()?;
        match &mut self.values[target.0 as usize] {
            Value::List(elements) => elements.extend_from_slice(added),
            // A class of its own that is a list; what it holds is not asked for.
            Value::Call { .. } => {}
            _ => return Err(PickleError::Container),
        }
        Ok(())
    }

    fn set(&mut self, added: &[Id]) -> Result<(), PickleError> {
        let target = self.top()?;
        // An ordered dictionary is what a call of its class returns, filled afterwards.
        let target = match self.values[target.0 as usize] {
            Value::Call { items: Some(items), .. } => items,
            Value::Call { items: None, .. } => {
                let added = self.store(Value::Dict(Vec::new()));
                if let Value::Call { items, .. } = &mut self.values[target.0 as usize] {
                    *items = Some(added);
                }
                added
            }
            _ => target,
        };
        match &mut self.values[target.0 as usize] {
            Value::Dict(items) => items.extend(pairs(added)),
            _ => return Err(PickleError::Container),
        }
        Ok(())
    }

    fn remember(&mut self, index: usize) -> Result<(), PickleError> {
        let top = self.top()?;
        self.memo.insert(index, top);
        Ok(())
    }

    fn recall(&mut self, index: usize) -> Result<(), PickleError> {
        let id = *self.memo.get(&index).ok_or(PickleError::Memo)?;
        self.stack.push(id);
        Ok(())
    }
}

fn pairs(elements: &[Id]) -> Vec<(Id, Id)> {
    elements.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}
