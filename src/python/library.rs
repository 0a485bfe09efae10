//! Names that Python knows without the project: builtins, exceptions, some functions of the standard library.

use super::metaflow;
use super::standard::is_standard;

/// Builtin functions and types, by code point.
static BUILTINS: &[&str] = &[
    "Ellipsis",
    "NotImplemented",
    "__build_class__",
    "__debug__",
    "__import__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// Words of the grammar, those among them that are words in some places alone.
static KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Builtin exceptions with the classes above them, nearest first.
static EXCEPTIONS: &[(&str, &[&str])] = &[
    ("ArithmeticError", &["Exception", "BaseException"]),
    ("AssertionError", &["Exception", "BaseException"]),
    ("AttributeError", &["Exception", "BaseException"]),
    ("BaseException", &[]),
    ("BaseExceptionGroup", &["BaseException"]),
    ("BlockingIOError", &["OSError", "Exception", "BaseException"]),
    (
        "BrokenPipeError",
        &["ConnectionError", "OSError", "Exception", "BaseException"],
    ),
    ("BufferError", &["Exception", "BaseException"]),
    ("BytesWarning", &["Warning", "Exception", "BaseException"]),
    ("ChildProcessError", &["OSError", "Exception", "BaseException"]),
    (
        "ConnectionAbortedError",
        &["ConnectionError", "OSError", "Exception", "BaseException"],
    ),
    ("ConnectionError", &["OSError", "Exception", "BaseException"]),
    (
        "ConnectionRefusedError",
        &["ConnectionError", "OSError", "Exception", "BaseException"],
    ),
    (
        "ConnectionResetError",
        &["ConnectionError", "OSError", "Exception", "BaseException"],
    ),
    ("DeprecationWarning", &["Warning", "Exception", "BaseException"]),
    ("EOFError", &["Exception", "BaseException"]),
    ("EncodingWarning", &["Warning", "Exception", "BaseException"]),
    ("EnvironmentError", &["Exception", "BaseException"]),
    ("Exception", &["BaseException"]),
    (
        "ExceptionGroup",
        &["BaseExceptionGroup", "Exception", "BaseException"],
    ),
    ("FileExistsError", &["OSError", "Exception", "BaseException"]),
    ("FileNotFoundError", &["OSError", "Exception", "BaseException"]),
    (
        "FloatingPointError",
        &["ArithmeticError", "Exception", "BaseException"],
    ),
    ("FutureWarning", &["Warning", "Exception", "BaseException"]),
    ("GeneratorExit", &["BaseException"]),
    ("IOError", &["Exception", "BaseException"]),
    ("ImportError", &["Exception", "BaseException"]),
    ("ImportWarning", &["Warning", "Exception", "BaseException"]),
    ("IndentationError", &["SyntaxError", "Exception", "BaseException"]),
    ("IndexError", &["LookupError", "Exception", "BaseException"]),
    ("InterruptedError", &["OSError", "Exception", "BaseException"]),
    ("IsADirectoryError", &["OSError", "Exception", "BaseException"]),
    ("KeyError", &["LookupError", "Exception", "BaseException"]),
    ("KeyboardInterrupt", &["BaseException"]),
    ("LookupError", &["Exception", "BaseException"]),
    ("MemoryError", &["Exception", "BaseException"]),
    (
        "ModuleNotFoundError",
        &["ImportError", "Exception", "BaseException"],
    ),
    ("NameError", &["Exception", "BaseException"]),
    ("NotADirectoryError", &["OSError", "Exception", "BaseException"]),
    (
        "NotImplementedError",
        &["RuntimeError", "Exception", "BaseException"],
    ),
    ("OSError", &["Exception", "BaseException"]),
    (
        "OverflowError",
        &["ArithmeticError", "Exception", "BaseException"],
    ),
    (
        "PendingDeprecationWarning",
        &["Warning", "Exception", "BaseException"],
    ),
    ("PermissionError", &["OSError", "Exception", "BaseException"]),
    ("ProcessLookupError", &["OSError", "Exception", "BaseException"]),
    ("RecursionError", &["RuntimeError", "Exception", "BaseException"]),
    ("ReferenceError", &["Exception", "BaseException"]),
    ("ResourceWarning", &["Warning", "Exception", "BaseException"]),
    ("RuntimeError", &["Exception", "BaseException"]),
    ("RuntimeWarning", &["Warning", "Exception", "BaseException"]),
    ("StopAsyncIteration", &["Exception", "BaseException"]),
    ("StopIteration", &["Exception", "BaseException"]),
    ("SyntaxError", &["Exception", "BaseException"]),
    ("SyntaxWarning", &["Warning", "Exception", "BaseException"]),
    ("SystemError", &["Exception", "BaseException"]),
    ("SystemExit", &["BaseException"]),
    (
        "TabError",
        &["IndentationError", "SyntaxError", "Exception", "BaseException"],
    ),
    ("TimeoutError", &["OSError", "Exception", "BaseException"]),
    ("TypeError", &["Exception", "BaseException"]),
    ("UnboundLocalError", &["NameError", "Exception", "BaseException"]),
    (
        "UnicodeDecodeError",
        &["UnicodeError", "ValueError", "Exception", "BaseException"],
    ),
    (
        "UnicodeEncodeError",
        &["UnicodeError", "ValueError", "Exception", "BaseException"],
    ),
    ("UnicodeError", &["ValueError", "Exception", "BaseException"]),
    (
        "UnicodeTranslateError",
        &["UnicodeError", "ValueError", "Exception", "BaseException"],
    ),
    ("UnicodeWarning", &["Warning", "Exception", "BaseException"]),
    ("UserWarning", &["Warning", "Exception", "BaseException"]),
    ("ValueError", &["Exception", "BaseException"]),
    ("Warning", &["Exception", "BaseException"]),
    (
        "ZeroDivisionError",
        &["ArithmeticError", "Exception", "BaseException"],
    ),
];

/// Does Python itself use this name, as a keyword or a builtin?
pub fn has_name(name: &str) -> bool {
    KEYWORDS.contains(&name) || builtin(name).is_some()
}

/// The dotted name of a builtin: `builtins.len`.
pub(super) fn builtin(name: &str) -> Option<String> {
    let is_known = BUILTINS.binary_search(&name).is_ok() || exception(name).is_some();
    is_known.then(|| format!("builtins.{name}"))
}

/// A builtin exception, with the classes above it.
pub(super) fn exception(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    let at = EXCEPTIONS.binary_search_by(|(key, _)| key.cmp(&name)).ok()?;
    EXCEPTIONS.get(at).copied()
}

/// Is the thing of this dotted name surely a function, class or module, thus true and unlike any constant?
pub(super) fn is_callable(name: &str) -> bool {
    if let Some(builtin) = name.strip_prefix("builtins.") {
        return !matches!(builtin, "__debug__" | "Ellipsis" | "NotImplemented");
    }
    if let Some(public) = name.strip_prefix("metaflow.") {
        return metaflow::is_public(public) && public != "current";
    }
    is_standard(name) && !name.contains('.') || KNOWN_FUNCTIONS.binary_search(&name).is_ok()
}

static KNOWN_FUNCTIONS: &[&str] = &[
    "contextlib.contextmanager",
    "copy.copy",
    "copy.deepcopy",
    "dataclasses.dataclass",
    "dataclasses.field",
    "datetime.datetime",
    "datetime.timedelta",
    "enum.Enum",
    "enum.IntEnum",
    "enum.StrEnum",
    "functools.cache",
    "functools.lru_cache",
    "functools.partial",
    "functools.reduce",
    "functools.wraps",
    "json.dump",
    "json.dumps",
    "json.load",
    "json.loads",
    "os.getenv",
    "os.path",
    "pathlib.Path",
];

/// Does calling it make an object that is never `None`?
pub(super) fn makes_object(name: &str) -> bool {
    name == "datetime.timedelta" || (is_callable(name) && name.starts_with("metaflow."))
}

/// Context managers that swallow no exception; so does whatever is called `open`.
pub(super) const LETS_THROUGH: [&str; 30] = [
    "concurrent.futures.ProcessPoolExecutor",
    "concurrent.futures.ThreadPoolExecutor",
    "contextlib.chdir",
    "contextlib.closing",
    "contextlib.nullcontext",
    "contextlib.redirect_stderr",
    "contextlib.redirect_stdout",
    "decimal.localcontext",
    "importlib.resources.as_file",
    "importlib.resources.open_binary",
    "importlib.resources.open_text",
    "importlib.resources.path",
    "multiprocessing.Pool",
    "os.scandir",
    "socket.socket",
    "sqlite3.connect",
    "subprocess.Popen",
    "tempfile.NamedTemporaryFile",
    "tempfile.SpooledTemporaryFile",
    "tempfile.TemporaryDirectory",
    "tempfile.TemporaryFile",
    "threading.Condition",
    "threading.Lock",
    "threading.RLock",
    "threading.Semaphore",
    "unittest.mock.patch",
    "unittest.mock.patch.dict",
    "unittest.mock.patch.object",
    "urllib.request.urlopen",
    "warnings.catch_warnings",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(BUILTINS.is_sorted());
        assert!(EXCEPTIONS.is_sorted_by_key(|(name, _)| name));
        assert!(KNOWN_FUNCTIONS.is_sorted());
        assert!(LETS_THROUGH.is_sorted());
    }
}
