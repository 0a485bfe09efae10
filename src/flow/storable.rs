//! Class attributes that no run can store. Knows no flow.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of all kinds of Python objects few are known not to be storable"
)]

use crate::python::object::Object;

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

/// The builtin types that one might give another name in a class body.
const TYPES: [&str; 14] = [
    "builtins.bool",
    "builtins.bytes",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.object",
    "builtins.set",
    "builtins.str",
    "builtins.tuple",
    "builtins.type",
    "builtins.Exception",
];

/// Why the attribute cannot be stored; none where it can, or where nobody can tell.
pub(super) fn why_not(name: &str, object: &Object<'_>) -> Option<String> {
    // Metaflow takes a class out of the flow as if it were an artifact, where it does not take it for its own.
    let is_public = !name.starts_with('_');
    match object {
        Object::Class(_) if is_public => Some("is a class".to_owned()),
        Object::External(external) if is_public && TYPES.contains(&&**external) => {
            Some("is a class".to_owned())
        }
        Object::Applied(applied) if applied.path.is_empty() && UNPICKLABLE.contains(&&*applied.callee) => {
            Some(format!(
                "is what `{}` gives",
                applied.callee.trim_start_matches("builtins.")
            ))
        }
        _ => None,
    }
}
