//! Class attributes that no run can store. Knows no flow.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few are known not to be storable"
)]

use ruff_python_ast::{Expr, Stmt};

use super::span_of;
use crate::python::lazy::Lazy;
use crate::python::object::{Class, Code, Function, Object, Thing};
use crate::python::{is_exception, is_module};
use crate::value::{Unknown, Why};

/// Calls whose results cannot be pickled, each tried with Python 3.11.
const UNPICKLABLE: [&str; 25] = [
    "builtins.memoryview",
    "concurrent.futures.ProcessPoolExecutor",
    "concurrent.futures.ThreadPoolExecutor",
    "contextvars.ContextVar",
    "multiprocessing.Pool",
    "queue.LifoQueue",
    "queue.PriorityQueue",
    "queue.Queue",
    "queue.SimpleQueue",
    "socket.socket",
    "sqlite3.connect",
    "subprocess.Popen",
    "tempfile.NamedTemporaryFile",
    "tempfile.TemporaryFile",
    "threading.Barrier",
    "threading.BoundedSemaphore",
    "threading.Condition",
    "threading.Event",
    "threading.Lock",
    "threading.RLock",
    "threading.Semaphore",
    "threading.Thread",
    "threading.local",
    "weakref.WeakKeyDictionary",
    "weakref.WeakValueDictionary",
];

/// Classes of Python's that one might give another name in a class body; exceptions are told apart by their kind.
const CLASSES: [&str; 48] = [
    "argparse.ArgumentParser",
    "argparse.Namespace",
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.object",
    "builtins.range",
    "builtins.set",
    "builtins.str",
    "builtins.tuple",
    "builtins.type",
    "collections.ChainMap",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.UserDict",
    "collections.UserList",
    "collections.defaultdict",
    "collections.deque",
    "configparser.ConfigParser",
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "datetime.timezone",
    "decimal.Decimal",
    "enum.Enum",
    "enum.IntEnum",
    "fractions.Fraction",
    "io.BytesIO",
    "io.StringIO",
    "json.JSONDecoder",
    "json.JSONEncoder",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.PurePath",
    "pathlib.PurePosixPath",
    "queue.Queue",
    "random.Random",
    "string.Template",
    "threading.Thread",
    "types.SimpleNamespace",
    "uuid.UUID",
];

/// Containers in containers, deeper than anybody writes them.
const DEEPEST: usize = 20;

/// Why the attribute of a class cannot be stored; none where it can, or where nobody can tell.
pub(super) fn why_not(name: &str, object: &Object<'_>, class: &Class<'_>) -> Option<String> {
    // Metaflow takes a class out of the flow as if it were an artifact, where it does not take it for its own.
    let is_public = !name.starts_with('_');
    match object {
        Object::Class(_) if is_public => Some("is a class".to_owned()),
        Object::External(external) if is_public && is_class(external) && !is_alias(name, class) => {
            Some("is a class".to_owned())
        }
        Object::Function(function) if is_public && is_cached_property(function) => {
            Some("is a `cached_property`".to_owned())
        }
        // A function is a method.
        Object::Function(_) => None,
        Object::Unknown(unknown) if is_open_file(name, unknown, class) => Some("is an open file".to_owned()),
        _ => match unpicklable(object, 0)? {
            (what, true) => Some(format!("holds {what}")),
            (what, false) => Some(format!("is {what}")),
        },
    }
}

/// What of it cannot be pickled, and whether that stands within it.
fn unpicklable(object: &Object<'_>, depth: usize) -> Option<(String, bool)> {
    let of_items = |items: &[Thing<'_>]| {
        let mut items = items.iter().filter(|_| depth < DEEPEST);
        items.find_map(|item| Some((unpicklable(&item.object, depth + 1)?.0, true)))
    };
    let what = match object {
        Object::List(items) | Object::Set(items) => return of_items(&items.read().ok()?),
        Object::Tuple(items) => return of_items(items),
        Object::Dict(entries) => {
            let entries = entries.read().ok()?;
            let values: Vec<Thing<'_>> = entries.iter().map(|(_, value)| value.clone()).collect();
            return of_items(&values);
        }
        Object::Function(function) => match function.code {
            Code::Lambda(_) => "a lambda".to_owned(),
            Code::Def(_) => return None,
        },
        Object::Partial(partial) => return Some((unpicklable(&partial.callee.object, depth + 1)?.0, true)),
        Object::View(_) => "a view of a dict".to_owned(),
        Object::Iterator(iterator) => match &*iterator.read().ok()? {
            Lazy::Generated { .. } => "a generator".to_owned(),
            Lazy::Mapped { function, .. } => {
                return Some((unpicklable(&function.object, depth + 1)?.0, true));
            }
            _ => return None,
        },
        Object::External(name) if is_module(name) => format!("the module `{name}`"),
        Object::External(name) if matches!(&**name, "sys.stdin" | "sys.stdout" | "sys.stderr") => {
            format!("`{name}`")
        }
        Object::Module(module) => format!("the module `{}`", module.name),
        Object::Applied(applied) if applied.path.is_empty() && UNPICKLABLE.contains(&&*applied.callee) => {
            format!("what `{}` gives", applied.callee.trim_start_matches("builtins."))
        }
        _ => return None,
    };
    Some((what, false))
}

fn is_class(name: &str) -> bool {
    CLASSES.binary_search(&name).is_ok() || is_exception(name)
}

/// `Rows = list[int]` is no class, but can be stored.
fn is_alias(name: &str, class: &Class<'_>) -> bool {
    let is_name = |target: &Expr| target.as_name_expr().is_some_and(|target| target.id == name);
    class.node.body.iter().any(|statement| match statement {
        Stmt::Assign(assign) => assign.targets.iter().any(is_name) && assign.value.is_subscript_expr(),
        Stmt::AnnAssign(assign) => {
            is_name(&assign.target)
                && assign
                    .value
                    .as_ref()
                    .is_some_and(|value| value.is_subscript_expr())
        }
        _ => false,
    })
}

/// `@functools.cached_property`
fn is_cached_property(function: &Function<'_>) -> bool {
    let decorators = function.decorators.borrow();
    let outermost = decorators.last();
    outermost.is_some_and(|outermost| {
        matches!(&outermost.decorator.object, Object::External(name) if &**name == "functools.cached_property")
    })
}

/// `log = open("log.txt")` in the class body: what opening a file gives is not followed.
fn is_open_file(name: &str, unknown: &Unknown, class: &Class<'_>) -> bool {
    let is_name = |target: &Expr| target.as_name_expr().is_some_and(|target| target.id == name);
    let opens = |value: &Expr| {
        let call = value.as_call_expr();
        let function = call.and_then(|call| call.func.as_name_expr());
        function.is_some_and(|function| function.id == "open") && span_of(class.source, value) == unknown.span
    };
    let is_builtin = matches!(&unknown.why, Why::Opaque { reason } if reason.starts_with("`open` needs"));
    is_builtin
        && class.node.body.iter().any(|statement| match statement {
            Stmt::Assign(assign) => assign.targets.iter().any(is_name) && opens(&assign.value),
            Stmt::AnnAssign(assign) => is_name(&assign.target) && assign.value.as_deref().is_some_and(opens),
            _ => false,
        })
}
