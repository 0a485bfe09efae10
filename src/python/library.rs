//! Names that Python knows without the project: builtins, exceptions, the standard library.

use super::metaflow;

/// Builtin functions and types, by code point.
static BUILTINS: &[&str] = &[
    "NotImplemented", "__build_class__", "__debug__", "__import__", "abs", "aiter", "all", "anext",
    "any", "ascii", "bin", "bool", "breakpoint", "bytearray", "bytes", "callable", "chr", "classmethod",
    "compile", "complex", "copyright", "credits", "delattr", "dict", "dir", "divmod", "enumerate",
    "eval", "exec", "exit", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr",
    "hash", "help", "hex", "id", "input", "int", "isinstance", "issubclass", "iter", "len", "license",
    "list", "locals", "map", "max", "memoryview", "min", "next", "object", "oct", "open", "ord", "pow",
    "print", "property", "quit", "range", "repr", "reversed", "round", "set", "setattr", "slice",
    "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "vars", "zip",
];

/// Builtin exceptions with the classes above them, nearest first.
static EXCEPTIONS: &[(&str, &[&str])] = &[
    ("ArithmeticError", &["Exception", "BaseException"]),
    ("AssertionError", &["Exception", "BaseException"]),
    ("AttributeError", &["Exception", "BaseException"]),
    ("BaseException", &[]),
    ("BaseExceptionGroup", &["BaseException"]),
    ("BlockingIOError", &["OSError", "Exception", "BaseException"]),
    ("BrokenPipeError", &["ConnectionError", "OSError", "Exception", "BaseException"]),
    ("BufferError", &["Exception", "BaseException"]),
    ("BytesWarning", &["Warning", "Exception", "BaseException"]),
    ("ChildProcessError", &["OSError", "Exception", "BaseException"]),
    ("ConnectionAbortedError", &["ConnectionError", "OSError", "Exception", "BaseException"]),
    ("ConnectionError", &["OSError", "Exception", "BaseException"]),
    ("ConnectionRefusedError", &["ConnectionError", "OSError", "Exception", "BaseException"]),
    ("ConnectionResetError", &["ConnectionError", "OSError", "Exception", "BaseException"]),
    ("DeprecationWarning", &["Warning", "Exception", "BaseException"]),
    ("EOFError", &["Exception", "BaseException"]),
    ("EncodingWarning", &["Warning", "Exception", "BaseException"]),
    ("EnvironmentError", &["Exception", "BaseException"]),
    ("Exception", &["BaseException"]),
    ("ExceptionGroup", &["BaseExceptionGroup", "Exception", "BaseException"]),
    ("FileExistsError", &["OSError", "Exception", "BaseException"]),
    ("FileNotFoundError", &["OSError", "Exception", "BaseException"]),
    ("FloatingPointError", &["ArithmeticError", "Exception", "BaseException"]),
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
    ("ModuleNotFoundError", &["ImportError", "Exception", "BaseException"]),
    ("NameError", &["Exception", "BaseException"]),
    ("NotADirectoryError", &["OSError", "Exception", "BaseException"]),
    ("NotImplementedError", &["RuntimeError", "Exception", "BaseException"]),
    ("OSError", &["Exception", "BaseException"]),
    ("OverflowError", &["ArithmeticError", "Exception", "BaseException"]),
    ("PendingDeprecationWarning", &["Warning", "Exception", "BaseException"]),
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
    ("TabError", &["IndentationError", "SyntaxError", "Exception", "BaseException"]),
    ("TimeoutError", &["OSError", "Exception", "BaseException"]),
    ("TypeError", &["Exception", "BaseException"]),
    ("UnboundLocalError", &["NameError", "Exception", "BaseException"]),
    ("UnicodeDecodeError", &["UnicodeError", "ValueError", "Exception", "BaseException"]),
    ("UnicodeEncodeError", &["UnicodeError", "ValueError", "Exception", "BaseException"]),
    ("UnicodeError", &["ValueError", "Exception", "BaseException"]),
    ("UnicodeTranslateError", &["UnicodeError", "ValueError", "Exception", "BaseException"]),
    ("UnicodeWarning", &["Warning", "Exception", "BaseException"]),
    ("UserWarning", &["Warning", "Exception", "BaseException"]),
    ("ValueError", &["Exception", "BaseException"]),
    ("Warning", &["Exception", "BaseException"]),
    ("ZeroDivisionError", &["ArithmeticError", "Exception", "BaseException"]),
];

/// Top-level modules of the standard library of Python 3.11, and `__future__`.
static STANDARD: &[&str] = &[
    "__future__", "_abc", "_aix_support", "_ast", "_asyncio", "_bisect", "_blake2", "_bootsubprocess",
    "_bz2", "_codecs", "_codecs_cn", "_codecs_hk", "_codecs_iso2022", "_codecs_jp", "_codecs_kr",
    "_codecs_tw", "_collections", "_collections_abc", "_compat_pickle", "_compression", "_contextvars",
    "_crypt", "_csv", "_ctypes", "_curses", "_curses_panel", "_datetime", "_dbm", "_decimal",
    "_elementtree", "_frozen_importlib", "_frozen_importlib_external", "_functools", "_gdbm", "_hashlib",
    "_heapq", "_imp", "_io", "_json", "_locale", "_lsprof", "_lzma", "_markupbase", "_md5", "_msi",
    "_multibytecodec", "_multiprocessing", "_opcode", "_operator", "_osx_support", "_overlapped",
    "_pickle", "_posixshmem", "_posixsubprocess", "_py_abc", "_pydecimal", "_pyio", "_queue", "_random",
    "_scproxy", "_sha1", "_sha256", "_sha3", "_sha512", "_signal", "_sitebuiltins", "_socket",
    "_sqlite3", "_sre", "_ssl", "_stat", "_statistics", "_string", "_strptime", "_struct", "_symtable",
    "_thread", "_threading_local", "_tkinter", "_tokenize", "_tracemalloc", "_typing", "_uuid",
    "_warnings", "_weakref", "_weakrefset", "_winapi", "_zoneinfo", "abc", "aifc", "antigravity",
    "argparse", "array", "ast", "asynchat", "asyncio", "asyncore", "atexit", "audioop", "base64", "bdb",
    "binascii", "bisect", "builtins", "bz2", "cProfile", "calendar", "cgi", "cgitb", "chunk", "cmath",
    "cmd", "code", "codecs", "codeop", "collections", "colorsys", "compileall", "concurrent",
    "configparser", "contextlib", "contextvars", "copy", "copyreg", "crypt", "csv", "ctypes", "curses",
    "dataclasses", "datetime", "dbm", "decimal", "difflib", "dis", "distutils", "doctest", "email",
    "encodings", "ensurepip", "enum", "errno", "faulthandler", "fcntl", "filecmp", "fileinput",
    "fnmatch", "fractions", "ftplib", "functools", "gc", "genericpath", "getopt", "getpass", "gettext",
    "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac", "html", "http", "idlelib", "imaplib",
    "imghdr", "imp", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword",
    "lib2to3", "linecache", "locale", "logging", "lzma", "mailbox", "mailcap", "marshal", "math",
    "mimetypes", "mmap", "modulefinder", "msilib", "msvcrt", "multiprocessing", "netrc", "nis",
    "nntplib", "nt", "ntpath", "nturl2path", "numbers", "opcode", "operator", "optparse", "os",
    "ossaudiodev", "pathlib", "pdb", "pickle", "pickletools", "pipes", "pkgutil", "platform", "plistlib",
    "poplib", "posix", "posixpath", "pprint", "profile", "pstats", "pty", "pwd", "py_compile", "pyclbr",
    "pydoc", "pydoc_data", "pyexpat", "queue", "quopri", "random", "re", "readline", "reprlib",
    "resource", "rlcompleter", "runpy", "sched", "secrets", "select", "selectors", "shelve", "shlex",
    "shutil", "signal", "site", "smtpd", "smtplib", "sndhdr", "socket", "socketserver", "spwd",
    "sqlite3", "sre_compile", "sre_constants", "sre_parse", "ssl", "stat", "statistics", "string",
    "stringprep", "struct", "subprocess", "sunau", "symtable", "sys", "sysconfig", "syslog", "tabnanny",
    "tarfile", "telnetlib", "tempfile", "termios", "textwrap", "this", "threading", "time", "timeit",
    "tkinter", "token", "tokenize", "tomllib", "trace", "traceback", "tracemalloc", "tty", "turtle",
    "turtledemo", "types", "typing", "unicodedata", "unittest", "urllib", "uu", "uuid", "venv",
    "warnings", "wave", "weakref", "webbrowser", "winreg", "winsound", "wsgiref", "xdrlib", "xml",
    "xmlrpc", "zipapp", "zipfile", "zipimport", "zlib", "zoneinfo",
];

/// Modules that are imported before a script's folder is looked at: a file of this name beside the flow is not seen.
static PRELOADED: &[&str] = &[
    "__future__", "_collections_abc", "abc", "builtins", "codecs", "encodings", "genericpath", "io", "marshal",
    "os", "posix", "posixpath", "site", "stat", "sys", "time", "zipimport",
];

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

pub(super) fn is_standard(module: &str) -> bool {
    let top = module.split('.').next().unwrap_or(module);
    STANDARD.binary_search(&top).is_ok()
}

pub(super) fn is_preloaded(module: &str) -> bool {
    PRELOADED.binary_search(&module).is_ok()
}

/// Is the thing of this dotted name surely a function, class or module, thus true and unlike any constant?
pub(super) fn is_callable(name: &str) -> bool {
    if let Some(builtin) = name.strip_prefix("builtins.") {
        return !matches!(builtin, "__debug__" | "NotImplemented");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(BUILTINS.is_sorted());
        assert!(EXCEPTIONS.is_sorted_by_key(|(name, _)| name));
        assert!(STANDARD.is_sorted());
        assert!(PRELOADED.is_sorted());
        assert!(KNOWN_FUNCTIONS.is_sorted());
        assert!(is_standard("os.path") && is_standard("tomllib") && !is_standard("numpy"));
    }
}
