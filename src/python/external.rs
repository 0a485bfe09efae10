//! Functions of the standard library and of Metaflow whose results are known without running them.
#![expect(clippy::wildcard_enum_match_arm, reason = "arguments are of any kind")]

use std::collections::HashMap;
use std::rc::Rc;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, opaque, raise, settle, type_error, unknown};
use super::lazy::Lazy;
use super::marks;
use super::object::{Applied, Object, Partial, Thing};
use super::{json, standard};
use crate::source::Span;
use crate::value::{PlaceholderUse, Unknown, Value, Why};

impl<'a> Interpreter<'a> {
    /// Calls something outside of the project by its dotted name.
    pub fn call_external(&mut self, name: &Rc<str>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        if let Some(builtin) = name.strip_prefix("builtins.") {
            let arguments: Vec<Thing<'a>> = given
                .arguments
                .iter()
                .map(|argument| argument.thing.clone())
                .collect();
            let result = settle(self.call_builtin(builtin, given, span))?;
            if result.why().is_some() {
                // `zip(iterator, unknown)` uses it up, sooner or later.
                let iterators = arguments
                    .iter()
                    .filter(|thing| matches!(thing.object, Object::Iterator(_)));
                iterators.for_each(|thing| self.spoil_by_call(thing, builtin, span));
            }
            return Ok(result.resting_on(&arguments));
        }
        if name.starts_with("metaflow.") {
            return self.call_metaflow(name, given, span);
        }
        if let Some(result) = self.call_known(name, &given, span) {
            let result = settle(result)?;
            if result.why().is_some() && given.arguments.iter().any(super::call::calls_back) {
                for argument in &given.arguments {
                    self.spoil_by_call(&argument.thing, name, span);
                }
            }
            let arguments = given.arguments.iter().map(|argument| &argument.thing);
            return Ok(result.resting_on(arguments));
        }
        self.call_foreign(name, given, span)
    }

    fn call_metaflow(&mut self, name: &Rc<str>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        if let Some(what) = name.strip_prefix("metaflow.current") {
            let what = format!("current{what}");
            return Err(Stop::Unknown(Unknown {
                span,
                why: Why::Runtime { what },
            }));
        }
        self.call_foreign(name, given, span)
    }

    fn call_known(&mut self, name: &str, given: &Given<'a>, span: Span) -> Option<Evaluation<'a>> {
        let result = match name {
            "os.getenv" | "os.environ.get" => self.get_environment(given, span),
            "os.environ.setdefault" => self.default_environment(given, span),
            "os.environ.pop" => self.pop_environment(given, span),
            "os.environ.update" | "os.environ.clear" => self.lose_environment(name, given, span),
            // They change what children get, not what the program reads.
            "os.putenv" | "os.unsetenv" => Ok(Thing::constant(Value::None)),
            "os.path.join" => self.path_join(given, span),
            "os.path.dirname" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.fspath"
            | "os.path.basename" => self.path_part(name, given, span),
            "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.PurePosixPath" => {
                self.make_path(given, span)
            }
            "json.loads" => self.json_loads(given, span),
            "json.dumps" => self.json_dumps(given, span),
            "copy.copy" | "copy.deepcopy" => self.copy(name, given, span),
            "functools.partial" => return Some(self.make_partial(given, span)),
            "functools.wraps" => Ok(Thing::new(Object::Applied(Rc::new(Applied {
                callee: Rc::from(name),
                span,
                arguments: given.arguments.clone(),
                unknown_arguments: given.unknown.clone(),
                path: Vec::new(),
            })))),
            "importlib.import_module" => self.import_by_name(given, span),
            "sys.path.insert" | "sys.path.append" => Ok(self.extend_search_path(name, given)),
            "functools.update_wrapper" => self.update_wrapper(given, span),
            "functools.reduce" => self.reduce(given, span),
            "functools.cmp_to_key" => Err(unknown(span, format!("`{name}` is not followed"))),
            "typing.cast" => match given.arguments.get(1) {
                Some(argument) => Ok(argument.thing.clone()),
                None => Err(unknown(span, "it is a type")),
            },
            "sys.exit" | "os._exit" => self.exit(given, span),
            "math.ceil" | "math.floor" | "math.sqrt" | "math.trunc" => self.math(name, given, span),
            "itertools.chain" => self.chain(given),
            "textwrap.dedent" => self.dedent(given, span),
            "unittest.mock.patch.dict" | "mock.patch.dict" => {
                self.patch_environment(name, given, span);
                return None;
            }
            _ if is_dotenv(name) => {
                let why = opaque(span, format!("`{name}` may set it from a `.env` file"));
                self.environment_grows.get_or_insert(why);
                return None;
            }
            _ => return None,
        };
        Some(result)
    }

    fn make_partial(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        if let Some(why) = &given.unknown {
            return Err(Stop::Unknown(why.clone()));
        }
        let Some((callee, arguments)) = given.arguments.split_first() else {
            return Err(type_error(span, "type 'partial' takes at least one argument"));
        };
        Ok(Thing::new(Object::Partial(Rc::new(Partial {
            callee: callee.thing.clone(),
            arguments: arguments.to_vec(),
            span,
        }))))
    }

    /// `functools.reduce(function, items, first)`
    fn reduce(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(function), Some(iterable), first] =
            given.bound("reduce", ["function", "iterable", "initial"], span)?
        else {
            return Err(type_error(span, "reduce expected at least 2 arguments"));
        };
        let items = self.iterator_of(&iterable, span)?;
        let first = match first {
            Some(first) => Some(first),
            None => self.advance(&items, span)?,
        };
        let Some(mut total) = first else {
            let message = "reduce() of empty iterable with no initial value";
            return Err(type_error(span, message));
        };
        while let Some(item) = self.advance(&items, span)? {
            let both = Given::of(vec![(total, span), (item, span)]);
            total = settle(self.call(&function, both, span))?;
        }
        Ok(total)
    }

    fn update_wrapper(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some((wrapper, arguments)) = marks::parted(&given.arguments) else {
            return Err(unknown(span, "it is not known what wraps"));
        };
        let applied = Applied {
            callee: Rc::from("functools.wraps"),
            span,
            arguments,
            unknown_arguments: given.unknown.clone(),
            path: Vec::new(),
        };
        self.wrap(&applied, &wrapper, span)
    }

    fn exit(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let message = match given.arguments.first() {
            Some(argument) => match self.value_of(&argument.thing, span) {
                Ok(value) => value.to_text(),
                Err(_) => self.text(argument.span).to_owned(),
            },
            None => String::new(),
        };
        Err(raise(span, "SystemExit", message))
    }

    /// The text of an argument, or why it is none.
    pub fn text_argument(&mut self, thing: &Thing<'a>, span: Span) -> Known<String> {
        let thing = self.used_as(thing.clone(), PlaceholderUse::Arithmetic, span)?;
        match &thing.object {
            Object::Constant(Value::Str(text)) => Ok(text.to_string()),
            Object::Constant(value) => Err(type_error(
                span,
                format!(
                    "expected str, bytes or os.PathLike object, not {}",
                    value.type_name()
                ),
            )),
            _ => Err(Stop::Unknown(self.why_unknown(&thing, span))),
        }
    }

    fn json_loads(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some(argument) = given.positional().next().filter(|_| given.arguments.len() == 1) else {
            return Err(unknown(span, "`json.loads` has options that are not followed"));
        };
        let text = match &argument.thing.object {
            Object::Constant(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => self.text_argument(&argument.thing, span)?,
        };
        self.make_room(text.len() / 10, span)?;
        match json::parse(&text) {
            Ok(value) => Ok(self.thing_of(&value)),
            Err(json::Error::Invalid) => Err(raise(
                span,
                "ValueError",
                "json.loads: the text is not valid JSON",
            )),
            Err(json::Error::Unsupported(reason)) => Err(unknown(span, reason)),
        }
    }

    fn json_dumps(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let [Some(value), indent, sort_keys] = given
            .bound("dumps", ["obj", "indent", "sort_keys"], span)
            .map_err(|stop| match stop {
                Stop::Raise(_) => unknown(span, "`json.dumps` has options that are not followed"),
                Stop::Unknown(_) => stop,
            })?
        else {
            return Err(unknown(span, "`json.dumps` without an object"));
        };
        if indent.is_some() {
            return Err(unknown(span, "`json.dumps` with `indent` is not followed"));
        }
        let is_sorted = match sort_keys {
            Some(flag) => self.truth(&flag, span)?,
            None => false,
        };
        let value = self.value_of(&value, span)?;
        match json::dump(&value, is_sorted) {
            Some(text) => Ok(Thing::constant(Value::str(text))),
            None => Err(unknown(span, "the object has no plain JSON form")),
        }
    }

    fn copy(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some(argument) = given.arguments.first() else {
            return Err(type_error(
                span,
                "copy() missing 1 required positional argument: 'x'",
            ));
        };
        if name == "copy.deepcopy" {
            // What is no constant is not copied, nor what is nested too deeply.
            self.value_of(&argument.thing, span)?;
            return self.deep_copy(&argument.thing, &mut HashMap::new(), span);
        }
        match &argument.thing.object {
            Object::List(items) => {
                let items = items.read().map_err(Stop::Unknown)?.clone();
                Ok(self.list(items))
            }
            Object::Dict(entries) => {
                let entries = entries.read().map_err(Stop::Unknown)?.clone();
                Ok(self.dict(entries))
            }
            Object::Constant(_) | Object::Tuple(_) => Ok(argument.thing.clone()),
            _ => Err(unknown(span, "the copy is not followed")),
        }
    }

    /// What stands in two places of the original does so in the copy.
    fn deep_copy(
        &mut self,
        thing: &Thing<'a>,
        copies: &mut HashMap<usize, Thing<'a>>,
        span: Span,
    ) -> Evaluation<'a> {
        let address = match &thing.object {
            Object::List(items) => Rc::as_ptr(items) as usize,
            Object::Dict(entries) => Rc::as_ptr(entries) as usize,
            Object::Tuple(items) => Rc::as_ptr(items) as usize,
            _ => {
                let value = self.value_of(thing, span)?;
                return Ok(self.thing_of(&value).resting_on([thing]));
            }
        };
        if let Some(copy) = copies.get(&address) {
            return Ok(copy.clone().resting_on([thing]));
        }
        let copy = match &thing.object {
            Object::List(items) => {
                let items = items.read().map_err(Stop::Unknown)?.clone();
                let items = self.deep_copies(&items, copies, span)?;
                self.list(items)
            }
            Object::Dict(entries) => {
                let entries = entries.read().map_err(Stop::Unknown)?.clone();
                let (keys, values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
                let values = self.deep_copies(&values, copies, span)?;
                self.dict(keys.into_iter().zip(values).collect())
            }
            Object::Tuple(items) => {
                let items = self.deep_copies(items, copies, span)?;
                Thing::new(Object::Tuple(Rc::new(items)))
            }
            _ => thing.clone(),
        };
        copies.insert(address, copy.clone());
        Ok(copy.resting_on([thing]))
    }

    fn deep_copies(
        &mut self,
        things: &[Thing<'a>],
        copies: &mut HashMap<usize, Thing<'a>>,
        span: Span,
    ) -> Known<Vec<Thing<'a>>> {
        self.spend(1 + things.len() / 8, span)?;
        let things = things.iter();
        things.map(|thing| self.deep_copy(thing, copies, span)).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "checked to be within 2^53")]
    fn math(&mut self, name: &str, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some(argument) = given.arguments.first() else {
            return Err(type_error(
                span,
                format!("{name}() takes exactly one argument (0 given)"),
            ));
        };
        let value = self.value_of(&argument.thing, span)?;
        let Some(number) = super::operators::Number::of(&value) else {
            return Err(type_error(
                span,
                format!("must be real number, not {}", value.type_name()),
            ));
        };
        let Some(float) = number.exact_float() else {
            return Err(unknown(span, "the integer is too large for a float"));
        };
        let result = match name {
            "math.sqrt" if float < 0.0 => return Err(raise(span, "ValueError", "math domain error")),
            "math.sqrt" => return Ok(Thing::constant(Value::Float(float.sqrt()))),
            "math.ceil" => float.ceil(),
            "math.floor" => float.floor(),
            _ => float.trunc(),
        };
        if result.abs() < 9e15 {
            Ok(Thing::constant(Value::Int(result as i64)))
        } else {
            Err(unknown(span, "the number is too large"))
        }
    }

    fn chain(&self, given: &Given<'a>) -> Evaluation<'a> {
        if let Some(why) = given.first_unknown() {
            return Err(Stop::Unknown(why.clone()));
        }
        let rest = given.positional().map(|argument| argument.thing.clone());
        Ok(self.iterator(Lazy::Chained {
            current: None,
            rest: rest.collect(),
        }))
    }

    fn dedent(&mut self, given: &Given<'a>, span: Span) -> Evaluation<'a> {
        let Some(argument) = given.arguments.first() else {
            return Err(type_error(
                span,
                "dedent() missing 1 required positional argument: 'text'",
            ));
        };
        let text = self.text_argument(&argument.thing, span)?;
        if text.contains('\t') || text.contains('\r') {
            return Err(unknown(span, "the text has tabs"));
        }
        let lines: Vec<&str> = text
            .split('\n')
            .map(|line| if line.trim().is_empty() { "" } else { line })
            .collect();
        let margin = lines
            .iter()
            .filter(|line| !line.is_empty())
            .map(|line| line.len() - line.trim_start_matches(' ').len())
            .min();
        let cut: Vec<&str> = lines
            .iter()
            .map(|line| line.get(margin.unwrap_or(0)..).unwrap_or(""))
            .collect();
        Ok(Thing::constant(Value::str(cut.join("\n"))))
    }

    /// `config.get("key")`: a placeholder too.
    pub fn call_config(
        &mut self,
        applied: &Rc<Applied<'a>>,
        given: &Given<'a>,
        span: Span,
    ) -> Evaluation<'a> {
        let mut path = applied.path.clone();
        let method = path.pop();
        let key = given
            .positional()
            .next()
            .map(|argument| argument.thing.object.clone());
        if let (Some("get"), Some(Object::Constant(Value::Str(key)))) = (method.as_deref(), key) {
            path.push(key.to_string());
            return Ok(Thing::new(Object::Applied(Rc::new(Applied {
                span,
                path,
                ..(**applied).clone()
            }))));
        }
        if !matches!(method.as_deref(), Some("get" | "items" | "keys" | "values")) {
            let message = "Config object can only be used directly in the FlowSpec defining them (or their flow decorators).";
            return Err(raise(span, "MetaflowException", message));
        }
        Err(unknown(span, "what a method of a Config gives is not followed"))
    }
}

fn is_dotenv(name: &str) -> bool {
    name.contains("dotenv") && !standard::is_standard(name)
}
