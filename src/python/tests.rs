//! What programs mean, in tables: an expression or module on one side, what Python makes of it on the other.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the tables show only some kinds of objects"
)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::*;
use crate::value::Why;

/// Files in memory: name → text.
struct Memory(BTreeMap<PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.get(path).map(|text| text.clone().into_bytes()))
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.0.keys().any(|file| file != path && file.starts_with(path))
    }
}

/// What is given besides the source.
#[derive(Default)]
struct Given<'a> {
    files: &'a [(&'a str, &'a str)],
    environment: &'a [(&'a str, &'a str)],
    defines: &'a [(&'a str, Value)],
    configs: &'a [(&'a str, &'a str)],
}

/// The worth of each name (dotted for class members) after the module, as Python writes it, or why it is unknown.
fn names(source: &str, wanted: &[&str], given: &Given<'_>) -> Vec<String> {
    with_deep_stack(|| {
        let mut files: BTreeMap<PathBuf, String> = given
            .files
            .iter()
            .map(|(name, text)| (PathBuf::from(name), (*text).to_owned()))
            .collect();
        files.insert(PathBuf::from("flow.py"), source.to_owned());
        let files = Memory(files);
        let environment = given
            .environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let configs = Configs {
            files: BTreeMap::new(),
            values: given
                .configs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let defines = given
            .defines
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let inputs = Inputs {
            files: &files,
            environment: &environment,
            configs: &configs,
            defines: &defines,
            known_decorators: &BTreeMap::new(),
        };
        let arena = Arena::new();
        let mut sources = Sources::default();
        let entry = Entry {
            path: Path::new("flow.py"),
            text: None,
        };
        let followed = follow(&arena, entry, &inputs, &mut sources);
        wanted
            .iter()
            .map(|name| match *name {
                "!" => shown_findings(&followed, &sources),
                name => shown(&followed, name, &sources),
            })
            .collect()
    })
}

fn shown_findings(followed: &Followed<'_>, sources: &Sources) -> String {
    let line = |span| sources.start(span).line;
    let mut out: Vec<String> = Vec::new();
    for diagnostic in &followed.diagnostics {
        let message = diagnostic.message.replace(", before any task runs", "");
        out.push(format!("{}: {message}", line(diagnostic.span)));
    }
    for unknown in &followed.raised {
        out.push(format!(
            "{}: ({})",
            line(unknown.span),
            shown_why(unknown, sources)
        ));
    }
    out.join("; ")
}

fn shown(followed: &Followed<'_>, name: &str, sources: &Sources) -> String {
    let entry = followed.entry.as_ref().unwrap();
    let mut parts = name.split('.');
    let Some(mut binding) = entry.get(parts.next().unwrap_or("")) else {
        return "unbound".to_owned();
    };
    for part in parts {
        binding = match &binding.thing.object {
            object::Object::Class(class) => match followed.attribute(class, part) {
                Some(binding) => binding,
                None => return "unbound".to_owned(),
            },
            object::Object::Function(function) if part == "decorators" => {
                let names = function
                    .decorators
                    .iter()
                    .map(|decoration| shown_decorator(followed, &decoration.decorator));
                return names.collect::<Vec<_>>().join(" ");
            }
            _ => return "no member".to_owned(),
        };
    }
    let evaluated = followed.evaluated(&binding.thing, binding.span);
    let rests: Vec<String> = evaluated.depends_on.iter().map(ToString::to_string).collect();
    let rests = if rests.is_empty() {
        String::new()
    } else {
        format!(" <- {}", rests.join(" "))
    };
    match &evaluated.result {
        Ok(value) => format!("{}{rests}", value.to_repr()),
        Err(unknown) => format!("{}{rests}", shown_why(unknown, sources)),
    }
}

fn shown_decorator(followed: &Followed<'_>, thing: &Thing<'_>) -> String {
    match &thing.object {
        object::Object::External(name) => name.to_string(),
        object::Object::Applied(applied) => {
            let arguments = applied.arguments.iter().map(|argument| {
                // The lifetimes of the two are one in fact.
                let value = match &argument.thing.object {
                    object::Object::Constant(value) => value.to_repr(),
                    object::Object::Unknown(unknown) => format!("{:?}", unknown.why),
                    _ => "?".to_owned(),
                };
                format!("{}={value}", argument.name.unwrap_or("_"))
            });
            format!("{}({})", applied.callee, arguments.collect::<Vec<_>>().join(","))
        }
        object::Object::Class(class) => format!("class {}", class.name),
        object::Object::Instance(instance) => format!("object of {}", instance.class.name),
        object::Object::Function(function) => format!("function {}", function.name),
        object::Object::Partial(_) => "partial".to_owned(),
        object::Object::Unknown(unknown) => format!(
            "unknown at {}",
            followed.files_read.len().min(unknown.span.start as usize)
        ),
        _ => "?".to_owned(),
    }
}

fn shown_why(unknown: &Unknown, sources: &Sources) -> String {
    let at = sources.slice(unknown.span);
    match &unknown.why {
        Why::Raises { exception, message } => format!("{exception}: {message} [{at}]"),
        Why::Runtime { what } => format!("run time {what} [{at}]"),
        Why::Placeholder { name, used, .. } => format!("placeholder {name} {used:?} [{at}]"),
        Why::Opaque { reason } => format!("unknown: {reason}"),
        Why::HalfCharacter { escape } => format!("half {escape} [{at}]"),
    }
}

fn eval(expression: &str) -> String {
    let source = format!("import os, json, functools, math\nfrom pathlib import Path\nx = {expression}\n");
    names(&source, &["x"], &Given::default()).remove(0)
}

#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (expression, expected) in cases {
        let found = eval(expression);
        if found != *expected {
            wrong.push(format!(
                "{expression}\n    expected {expected}\n    found    {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn check(source: &str, expected: &[(&str, &str)]) {
    check_with(source, &Given::default(), expected);
}

#[track_caller]
fn check_with(source: &str, given: &Given<'_>, expected: &[(&str, &str)]) {
    let wanted: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    let found = names(source, &wanted, given);
    for ((name, expected), found) in expected.iter().zip(found) {
        assert_eq!(&found, expected, "{name} in\n{source}");
    }
}

#[test]
fn arithmetic_is_pythons() {
    check_all(&[
        ("1 + 2 * 3", "7"),
        ("7 // 2, -7 // 2, 7 // -2, 7 % -3, -7 % 3", "(3, -4, -4, -2, 2)"),
        ("7 / 2, 6 / 3", "(3.5, 2.0)"),
        ("-7.5 // 2, -7.5 % 2, 5.5 % -2", "(-4.0, 0.5, -0.5)"),
        ("2 ** 10, 2 ** -1, (-2) ** 3", "(1024, 0.5, -8)"),
        (
            "1 << 4, 255 >> 4, 6 & 3, 6 | 3, 6 ^ 3, ~5",
            "(16, 15, 2, 7, 5, -6)",
        ),
        ("True + 1, True & False, True | 2", "(2, False, 3)"),
        ("1 == 1.0 == True", "True"),
        ("0.1 + 0.2, 1e16, 1e-5", "(0.30000000000000004, 1e+16, 1e-05)"),
        ("not 0, not [], not 'a'", "(True, True, False)"),
        ("1 < 2 < 3, 1 < 3 < 2", "(True, False)"),
        ("[1, 2] < [1, 3], (1,) < (1, 0), 'a' < 'b'", "(True, True, True)"),
        ("None or 'x', 0 and 1, 1 and 2", "('x', 0, 2)"),
        ("1 if [] else 2", "2"),
        (
            "9223372036854775807 + 1",
            "unknown: the integer has more than 64 bits",
        ),
        ("1 / 0", "ZeroDivisionError: division by zero [1 / 0]"),
        (
            "round(2.5), round(3.5), round(2.675, 2), round(-0.5)",
            "(2, 4, 2.67, 0)",
        ),
        (
            "abs(-3), min(3, 1, 2), max([1, 5]), sum([1, 2.5])",
            "(3, 1, 5, 3.5)",
        ),
        (
            "int('12'), int(' -7 '), int('0x1f', 16), int(3.9), float('1.5'), int('1_000')",
            "(12, -7, 31, 3, 1.5, 1000)",
        ),
        (
            "divmod(7, 2), pow(2, 3), hex(255), bin(5), oct(8)",
            "((3, 1), 8, '0xff', '0b101', '0o10')",
        ),
        ("math.ceil(1.2), math.floor(-1.2), math.sqrt(4)", "(2, -2, 2.0)"),
    ]);
}

#[test]
fn texts_are_pythons() {
    check_all(&[
        ("'a' + 'b' * 3", "'abbb'"),
        (
            "'a-b-c'.split('-'), ' a b '.split(), 'a-b-c'.rsplit('-', 1)",
            "(['a', 'b', 'c'], ['a', 'b'], ['a-b', 'c'])",
        ),
        (
            "'-'.join(['a', 'b']), 'abc'.upper(), 'ABC'.lower(), 'abc'.title(), 'aBC'.capitalize()",
            "('a-b', 'ABC', 'abc', 'Abc', 'Abc')",
        ),
        (
            "' a '.strip(), 'xxaxx'.strip('x'), 'a.py'.removesuffix('.py')",
            "('a', 'a', 'a')",
        ),
        (
            "'aXb'.replace('X', '-'), 'abc'.startswith(('x', 'a')), 'abc'.find('c'), 'abc'.find('z')",
            "('a-b', True, 2, -1)",
        ),
        (
            "'5'.zfill(3), '-5'.zfill(4), 'a'.ljust(3) + '|', 'ab'.center(5, '*')",
            "('005', '-005', 'a  |', '**ab*')",
        ),
        (
            "'abcdef'[1:4], 'abcdef'[::-1], 'abcdef'[-2:], 'abc'[0], 'abc'[-1]",
            "('bcd', 'fedcba', 'ef', 'a', 'c')",
        ),
        (
            "'{} {}'.format(1, 'b'), '{1}{0}'.format(1, 2), '{a:>4}'.format(a='x'), '{{}}'.format()",
            "('1 b', '21', '   x', '{}')",
        ),
        (
            "'%s-%d' % ('a', 3), '%05.2f' % 3.14159, '%(k)s' % {'k': 1}, '100%%' % ()",
            "('a-3', '03.14', '1', '100%')",
        ),
        (
            "f'{1 + 1}', f'{3.14159:.2f}', f'{\"a\"!r}', f'{5:03d}', f'{1000000:,}'",
            "('2', '3.14', \"'a'\", '005', '1,000,000')",
        ),
        (
            "f'{0.5:.0%}', f'{1e10:g}', f'{12:x}', f'{7:b}', f'{\"x\":^5}|'",
            "('50%', '1e+10', 'c', '111', '  x  |')",
        ),
        (
            "str(1.0), str(True), str([1, 'a']), repr('a'), str(None), str({'a': (1,)})",
            "('1.0', 'True', \"[1, 'a']\", \"'a'\", 'None', \"{'a': (1,)}\")",
        ),
        ("'a' in 'abc', 'é'.upper(), len('é')", "(True, 'É', 1)"),
        (
            "'a\\nb\\r\\nc'.splitlines(), 'a=b=c'.partition('=')",
            "(['a', 'b', 'c'], ('a', '=', 'b=c'))",
        ),
        (
            "b'ab' + b'c', b'abc'[0], 'é'.encode()",
            "(b'abc', 97, b'\\xc3\\xa9')",
        ),
        ("f'{1 + 1 = }'", "'1 + 1 = 2'"),
    ]);
}

#[test]
fn containers_are_pythons() {
    check_all(&[
        ("[1, *[2, 3], *(4,)]", "[1, 2, 3, 4]"),
        ("{'a': 1, **{'b': 2, 'a': 3}}", "{'a': 3, 'b': 2}"),
        ("{1: 'a', True: 'b', 1.0: 'c'}", "{1: 'c'}"),
        (
            "dict(a=1, b=2), dict([('a', 1)]), dict({'a': 1}, b=2)",
            "({'a': 1, 'b': 2}, {'a': 1}, {'a': 1, 'b': 2})",
        ),
        ("{'a': 1} | {'b': 2}", "{'a': 1, 'b': 2}"),
        ("[1, 2] + [3], (1,) * 2, [0] * 2", "([1, 2, 3], (1, 1), [0, 0])"),
        (
            "[1, 2, 3][1:], [1, 2, 3][::-1], (1, 2)[0], [1, 2][-1]",
            "([2, 3], [3, 2, 1], 1, 2)",
        ),
        (
            "{'a': {'b': 1}}['a']['b'], {'a': 1}.get('b', 2), {'a': 1}.get('b')",
            "(1, 2, None)",
        ),
        (
            "list({'a': 1}.items()), list({'a': 1}), len({'a': 1}), 'a' in {'a': 1}",
            "([('a', 1)], ['a'], 1, True)",
        ),
        (
            "[x * 2 for x in range(3)], [x for x in range(5) if x % 2], {x: x for x in 'ab'}",
            "([0, 2, 4], [1, 3], {'a': 'a', 'b': 'b'})",
        ),
        (
            "[(x, y) for x in (1, 2) for y in (3, 4)]",
            "[(1, 3), (1, 4), (2, 3), (2, 4)]",
        ),
        (
            "sorted([3, 1, 2]), sorted('bA', key=str.lower), sorted([1, 2], reverse=True)",
            "([1, 2, 3], ['A', 'b'], [2, 1])",
        ),
        (
            "list(zip([1, 2], 'ab')), list(enumerate('ab', 1)), list(map(str, [1, 2])), list(reversed([1, 2]))",
            "([(1, 'a'), (2, 'b')], [(1, 'a'), (2, 'b')], ['1', '2'], [2, 1])",
        ),
        (
            "list(range(1, 10, 3)), list(range(3, 0, -1)), len(range(10 ** 12))",
            "([1, 4, 7], [3, 2, 1], 1000000000000)",
        ),
        (
            "any([0, 1]), all([]), sum(x for x in (1, 2)), max([1, 3, 2], key=lambda v: -v)",
            "(True, True, 3, 1)",
        ),
        (
            "(lambda a, b=2, *c, **d: (a, b, c, d))(1, 3, 4, e=5)",
            "(1, 3, (4,), {'e': 5})",
        ),
        (
            "json.loads('{\"a\": [1, true]}'), json.dumps({'a': 1.5, 'b': None})",
            "({'a': [1, True]}, '{\"a\": 1.5, \"b\": null}')",
        ),
        ("len({1, 2, 2}), 1 in {1}, {1, 2} & {2}", "(2, True, {2})"),
        ("str({1, 2})", "unknown: the order of a set is not known"),
        (
            "isinstance(1, int), isinstance(True, int), isinstance('a', (int, str)), type('a').__name__",
            "(True, True, True, 'str')",
        ),
        (
            "os.path.join('a', 'b', 'c.txt'), os.path.basename('a/b.c'), os.path.dirname('a/b')",
            "('a/b/c.txt', 'b.c', 'a')",
        ),
        (
            "str(Path('a') / 'b'), Path('a/b.c').stem, Path(__file__).name",
            "('a/b', 'b', 'flow.py')",
        ),
        (
            "os.path.join(os.path.dirname(__file__), 'x')",
            "unknown: it is the absolute path of a file on the machine that runs the flow",
        ),
    ]);
}

#[test]
fn no_expression_hangs() {
    for expression in [
        "10**10**8",
        "'x'*10**12",
        "list(range(10**12))",
        "1 << 10**12",
        "[[0]*10**6]*10**6",
        "sum(range(10**11))",
        "'%1000000000000d' % 1",
        "f'{1:1000000000000}'",
        "'x'.rjust(10**12)",
        "[x for x in range(10**9) for y in range(10**9)]",
        "[y for x in range(10**4) for y in range(10**4)]",
        "int('9'*5000)",
        "(lambda f: f(f))(lambda f: f(f))",
        "'a'.join(['b' * 10000] * 10000)",
        "'a'.replace('a', 'b' * 999999).replace('b', 'c' * 999999)",
    ] {
        let found = eval(expression);
        assert!(found.starts_with("unknown: "), "{expression}: {found}");
    }
    let n = 50_000;
    for expression in [
        format!("{}1", "not ".repeat(n)),
        format!("{}1", "-".repeat(n)),
        format!("1{}", "+1".repeat(n)),
        format!("os{}", ".b".repeat(n)),
        format!("os{}", "()".repeat(n)),
        format!("os{}", "[0]".repeat(n)),
        format!("{}1", "lambda: ".repeat(5000)),
        format!("{}2", "1 if os else ".repeat(5000)),
    ] {
        eval(&expression);
        names(
            &format!("class F:\n    @a(cpu={expression})\n    def f(self):\n        x = {expression}\n"),
            &[],
            &Given::default(),
        );
    }
}

#[test]
fn names_follow_statements() {
    check(
        "a = b = 1\na += 1\n(c, *d), e = (1, 2, 3), 4\n",
        &[("a", "2"), ("b", "1"), ("d", "[2, 3]"), ("e", "4")],
    );
    check(
        "xs = [1]\nys = xs\nys.append(2)\nys += [3]\n",
        &[("xs", "[1, 2, 3]")],
    );
    check(
        "d = {}\nd['a'] = 1\nd.update(b=2)\ndel d['a']\nd.setdefault('c', []).append(1)\n",
        &[("d", "{'b': 2, 'c': [1]}")],
    );
    check(
        "t = 0\nfor i in range(4):\n    if i == 3:\n        break\n    t += i\nelse:\n    t = 99\n",
        &[("t", "3"), ("i", "3")],
    );
    check(
        "n = 3\nwhile n:\n    n -= 1\nelse:\n    m = 'end'\n",
        &[("n", "0"), ("m", "'end'")],
    );
    check(
        "if (n := 5) > 3:\n    x = n\nelif True:\n    x = 0\nelse:\n    x = 1\n",
        &[("x", "5")],
    );
    check(
        "def f(x, y=2):\n    z = x + y\n    return z\na = f(1)\nb = f(y=5, x=1)\n",
        &[("a", "3"), ("b", "6")],
    );
    check(
        "def f(n):\n    return 1 if n < 2 else n * f(n - 1)\na = f(5)\n",
        &[("a", "120")],
    );
    check(
        "def f():\n    x = 1\n    def g():\n        return x\n    x = 2\n    return g()\na = f()\n",
        &[("a", "2")],
    );
    check(
        "match 3:\n    case 1 | 2:\n        x = 'low'\n    case n:\n        x = n\n",
        &[("x", "3")],
    );
    check("x: int = 4\ny: str\n", &[("x", "4"), ("y", "unbound")]);
    check("x = 1\ndel x\n", &[("x", "unbound")]);
    check("if __name__ == '__main__':\n    x = 1\n", &[("x", "1")]);
    check(
        "from typing import TYPE_CHECKING\nx = 1\nif TYPE_CHECKING:\n    x = 2\n",
        &[("x", "1")],
    );
}

#[test]
fn exceptions_are_reported_once_and_caught_by_handlers() {
    check(
        "x = y\nz = x\n",
        &[
            ("z", "NameError: name 'y' is not defined [y]"),
            ("!", "1: Python raises `NameError` here: name 'y' is not defined"),
        ],
    );
    check(
        "x = {'a': 1}['b']\n",
        &[("!", "1: Python raises `KeyError` here: 'b'")],
    );
    check(
        "try:\n    x = {}['b']\nexcept KeyError:\n    x = 0\n",
        &[("x", "0"), ("!", "")],
    );
    check(
        "try:\n    x = {}['b']\nexcept (ValueError, LookupError) as e:\n    x = 0\n",
        &[("x", "0"), ("e", "unbound")],
    );
    check(
        "try:\n    x = {}['b']\nexcept ValueError:\n    x = 0\n",
        &[("!", "2: Python raises `KeyError` here: 'b'")],
    );
    check(
        "try:\n    x = 1\nexcept KeyError:\n    x = 2\nelse:\n    x = 3\nfinally:\n    y = 4\n",
        &[("x", "3"), ("y", "4")],
    );
    check(
        "raise ValueError('boom')\n",
        &[("!", "1: Python raises `ValueError` here: boom")],
    );
    check(
        "import sys\nsys.exit('need OK')\n",
        &[(
            "!",
            "1: Python raises `SystemExit` here: need OK"
                .replace('1', "2")
                .as_str(),
        )],
    );
    check(
        "import sys, foo\nif foo.bar():\n    sys.exit(1)\nx = 1\n",
        &[("x", "1"), ("!", "")],
    );
    check(
        "def f():\n    return g()\nx = f()\ndef g():\n    return 1\n",
        &[("!", "2: Python raises `NameError` here: name 'g' is not defined")],
    );
    check(
        "def f():\n    x = y\n    y = 1\nf()\n",
        &[(
            "!",
            "2: Python raises `UnboundLocalError` here: cannot access local variable 'y' where it is not associated with a value",
        )],
    );
    check(
        "assert 1 == 2, 'no'\n",
        &[("!", "1: Python raises `AssertionError` here: no")],
    );
    check(
        "x = 1 + 'a'\n",
        &[(
            "!",
            "1: Python raises `TypeError` here: unsupported operand type(s) for +: 'int' and 'str'",
        )],
    );
    check(
        "def f(a): pass\nf()\n",
        &[(
            "!",
            "2: Python raises `TypeError` here: f() missing 1 required positional argument: 'a'",
        )],
    );
    check(
        "x = self.y + 1\n",
        &[
            ("x", "run time self.y [self.y]"),
            ("!", "1: (run time self.y [self.y])"),
        ],
    );
    check(
        "class C:\n    x = 1 / 0\n    y = 2\n",
        &[
            ("C.y", "2"),
            ("!", "2: (ZeroDivisionError: division by zero [1 / 0])"),
        ],
    );
}

#[test]
fn what_is_changed_elsewhere_is_not_known() {
    check(
        "L = {}\ndef grow():\n    L['a'] = 1\n",
        &[("L", "unknown: `L` is changed in `grow` (line 3)")],
    );
    check(
        "N = 1\ndef f():\n    global N\n    N = 2\n",
        &[("N", "unknown: `N` is changed in `f` (line 4)")],
    );
    check(
        "L = []\nclass F:\n    def m(self):\n        L.append(1)\n",
        &[("L", "unknown: `L` is changed in `m` (line 4)")],
    );
    check_with(
        "from settings import L\nimport settings\nM = settings.L\nX = settings.X\ndef f():\n    settings.X = 2\n",
        &Given {
            files: &[("settings.py", "L = []\nX = 1\ndef f():\n    L.append(1)\n")],
            ..Given::default()
        },
        &[
            ("L", "unknown: `L` is changed in `f` (line 4)"),
            ("M", "unknown: `L` is changed in `f` (line 4)"),
            ("X", "unknown: `settings.X` is changed in `f` (line 6)"),
        ],
    );
    check(
        "import os\ndef f():\n    os.remove('x')\nX = os.environ.get('A', 'b')\n",
        &[("X", "'b' <- env:A")],
    );
    check(
        "import random\nL = [1, 2]\nrandom.shuffle(L)\n",
        &[(
            "L",
            "unknown: it was passed to `random.shuffle`, which may change it (line 3)",
        )],
    );
    check(
        "import foo\nL = [1]\nif foo.x:\n    L.append(2)\n    Y = 1\n",
        &[
            ("L", "unknown: `foo.x` comes from outside of the project"),
            ("Y", "unknown: `foo.x` comes from outside of the project"),
        ],
    );
    check("import foo\nX = 1\nif foo.x:\n    X = 1\n", &[("X", "1")]);
    check(
        "import foo\nX = 0\nL = []\nfor i in foo.xs():\n    X = 1\n    L.append(i)\n",
        &[
            (
                "X",
                "unknown: `foo.xs` is called, which is outside of the project",
            ),
            (
                "L",
                "unknown: `foo.xs` is called, which is outside of the project",
            ),
        ],
    );
    check(
        "try:\n    import torch\n    D = 'gpu'\nexcept ImportError:\n    D = 'cpu'\nE = 1\n",
        &[
            ("D", "unknown: it depends on whether `torch` can be imported"),
            ("E", "1"),
        ],
    );
    check(
        "try:\n    import json\n    D = 'yes'\nexcept ImportError:\n    D = 'no'\n",
        &[("D", "'yes'")],
    );
}

#[test]
fn the_environment_is_given_and_recorded() {
    let given = Given {
        environment: &[("CPU", "4")],
        ..Given::default()
    };
    check_with(
        "import os\nx = int(os.environ['CPU']) * 2\n",
        &given,
        &[("x", "8 <- env:CPU")],
    );
    check_with(
        "import os\nx = os.environ['NO']\n",
        &given,
        &[("!", "2: Python raises `KeyError` here: 'NO'")],
    );
    check_with(
        "from os import environ, getenv\nx = environ.get('NO', 3)\ny = getenv('CPU')\nz = 'CPU' in environ\n",
        &given,
        &[("x", "3 <- env:NO"), ("y", "'4' <- env:CPU")],
    );
    check_with(
        "import os\nif os.getenv('CPU') == '4':\n    x = 1\nelse:\n    x = 2\n    y = 1\ny = 3\n",
        &given,
        &[("x", "1 <- env:CPU"), ("y", "3")],
    );
    check_with(
        "import os\nos.environ['A'] = 'b'\nx = os.environ['A']\nos.environ.setdefault('CPU', '9')\ny = os.environ['CPU']\n",
        &given,
        &[("x", "'b' <- env:A"), ("y", "'4' <- env:CPU")],
    );
    check_with(
        "import os\nfrom dotenv import load_dotenv\nload_dotenv()\nx = os.getenv('CPU')\ny = os.getenv('NO')\n",
        &given,
        &[
            ("x", "'4' <- env:CPU"),
            (
                "y",
                "unknown: `dotenv.load_dotenv` may set it from a `.env` file <- env:NO",
            ),
        ],
    );
}

#[test]
fn imports_follow_the_project() {
    let given = Given {
        files: &[
            (
                "settings.py",
                "IMAGE = 'a:1'\n_private = 1\nfrom pkg.deep import K\n",
            ),
            ("pkg/__init__.py", "from .deep import K as J\n"),
            (
                "pkg/deep.py",
                "from . import sibling\nfrom .sibling import S\nK = S + 1\n",
            ),
            ("pkg/sibling.py", "S = 1\n"),
            ("broken.py", "def f(:\n"),
            ("a.py", "import b\nX = 1\n"),
            ("b.py", "import a\nY = hasattr(a, 'X')\n"),
        ],
        ..Given::default()
    };
    check_with(
        "from settings import IMAGE\nimport settings as s\nx = s.IMAGE + '-x'\nk = s.K\n",
        &given,
        &[("IMAGE", "'a:1'"), ("x", "'a:1-x'"), ("k", "2"), ("!", "")],
    );
    check_with(
        "from settings import *\n",
        &given,
        &[("IMAGE", "'a:1'"), ("_private", "unbound"), ("K", "2")],
    );
    check_with(
        "import pkg.sibling\nx = pkg.sibling.S\ny = pkg.J\n",
        &given,
        &[("x", "1"), ("y", "2")],
    );
    check_with("from pkg import sibling\nx = sibling.S\n", &given, &[("x", "1")]);
    check_with(
        "from settings import NOPE\n",
        &given,
        &[(
            "!",
            "1: Python raises `ImportError` here: cannot import name 'NOPE' from 'settings'",
        )],
    );
    check_with("import a, b\nx = b.Y\n", &given, &[("x", "False")]);
    check_with(
        "import settings\nx = settings.NOPE\n",
        &given,
        &[(
            "!",
            "2: Python raises `AttributeError` here: module 'settings' has no attribute 'NOPE'",
        )],
    );
    check_with(
        "from broken import g\nx = g\n",
        &given,
        &[("x", "unknown: `broken.py` does not parse")],
    );
    check_with(
        "from numpy import pi\nx = pi\nimport metaflow as mf\ny = mf.rezources\n",
        &given,
        &[
            ("x", "unknown: `numpy.pi` comes from outside of the project"),
            (
                "!",
                "4: Python raises `AttributeError` here: module 'metaflow' has no attribute 'rezources'",
            ),
        ],
    );
    check_with(
        "from metaflow import rezources\n",
        &given,
        &[(
            "!",
            "1: Python raises `ImportError` here: cannot import name 'rezources' from 'metaflow' (is `resources` meant?)",
        )],
    );
    check_with(
        "import settings\nsettings.IMAGE = 'b'\nfrom settings import IMAGE\n",
        &given,
        &[("IMAGE", "'b'")],
    );
}

#[test]
fn defines_answer_for_what_is_unknown() {
    let given = Given {
        defines: &[
            ("IMAGE", Value::str("x")),
            ("settings.CPU", Value::Int(4)),
            ("foo.bar", Value::Int(7)),
        ],
        files: &[("settings.py", "import numpy\nCPU = numpy.cpu\n")],
        ..Given::default()
    };
    check_with(
        "from numpy import IMAGE\nfrom settings import CPU\nimport foo\nx = foo.bar\n",
        &given,
        &[("IMAGE", "'x'"), ("CPU", "4"), ("x", "7")],
    );
}

#[test]
fn classes_have_pythons_scopes_and_orders() {
    check(
        "class C:\n    CPU = 2\n    x = [CPU for i in (1,)]\n",
        &[("!", "3: (NameError: name 'CPU' is not defined [CPU])")],
    );
    check(
        "class C:\n    CPU = 2\n    x = [i for i in (CPU,)]\n    y = (lambda: 1)() + CPU\n",
        &[("C.x", "[2]"), ("C.y", "3")],
    );
    check(
        "class C:\n    CPU = 2\n    def f(): return CPU\n    y = f()\n",
        &[("!", "3: (NameError: name 'CPU' is not defined [CPU])")],
    );
    check(
        "class A:\n    x = 1\nclass B(A):\n    pass\nclass C(A):\n    x = 2\nclass D(B, C):\n    pass\ny = D.x\n",
        &[("y", "2")],
    );
    check(
        "class A:\n    pass\nclass B(A):\n    pass\nclass C(A, B):\n    pass\n",
        &[(
            "!",
            "5: (TypeError: Cannot create a consistent method resolution order (MRO) for bases A, B [C])",
        )],
    );
    check(
        "class S:\n    IMAGE = 'a'\n    def __init__(self, n):\n        self.n = n * 2\n    @property\n    def m(self):\n        return self.n + 1\n    @staticmethod\n    def s():\n        return 's'\n    @classmethod\n    def c(cls):\n        return cls.IMAGE\nx = S(2)\ny = (x.n, x.m, x.IMAGE, x.s(), S.c(), S.s())\n",
        &[("y", "(4, 5, 'a', 's', 'a', 's')")],
    );
    check(
        "from enum import Enum\nclass C(Enum):\n    RED = 'r'\nx = C.RED.value\ny = C.RED.name\n",
        &[("x", "'r'"), ("y", "'RED'")],
    );
    check(
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    b: str = 'x'\nc = C(1)\nx = (c.a, c.b)\n",
        &[("x", "(1, 'x')")],
    );
    check(
        "class F:\n    pass\nx = F.nope\n",
        &[(
            "!",
            "3: Python raises `AttributeError` here: type object 'F' has no attribute 'nope'",
        )],
    );
}

#[test]
fn decorators_are_remembered_or_followed() {
    let flow =
        "import functools\nfrom metaflow import FlowSpec, step, retry, resources, kubernetes\nimport third\n";
    let check_steps = |source: &str, expected: &[(&str, &str)]| check(&format!("{flow}{source}"), expected);
    check_steps(
        "class F(FlowSpec):\n    @retry(times=3)\n    @step\n    def start(self): pass\n",
        &[("F.start.decorators", "metaflow.step metaflow.retry(times=3)")],
    );
    check_steps(
        "big = resources(cpu=16)\nmine = functools.partial(resources, cpu=3)\nmystep = step\nclass F(FlowSpec):\n    @big\n    @mystep\n    def a(self): pass\n    @mine(memory=1)\n    @step\n    def b(self): pass\n    def c(self): pass\n    c = step(c)\n    d = a\n",
        &[
            ("F.a.decorators", "metaflow.step metaflow.resources(cpu=16)"),
            (
                "F.b.decorators",
                "metaflow.step metaflow.resources(memory=1,cpu=3)",
            ),
            ("F.c.decorators", "metaflow.step"),
            ("F.d.decorators", "metaflow.step metaflow.resources(cpu=16)"),
        ],
    );
    check_steps(
        "def both(n):\n    def apply(f):\n        return retry(times=n)(resources(cpu=n)(f))\n    return apply\nclass F(FlowSpec):\n    @both(2)\n    @step\n    def a(self): pass\n",
        &[(
            "F.a.decorators",
            "metaflow.step metaflow.resources(cpu=2) metaflow.retry(times=2)",
        )],
    );
    check_steps(
        "def timing(f):\n    @functools.wraps(f)\n    def wrapper(*a, **k):\n        return f(*a, **k)\n    return wrapper\nclass F(FlowSpec):\n    @step\n    @timing\n    def a(self): pass\n",
        &[("F.a.decorators", "metaflow.step")],
    );
    check_steps(
        "class F(FlowSpec):\n    @third.deco(x=1)\n    @step\n    def a(self): pass\n    @third.other\n    @step\n    def b(self): pass\n",
        &[
            ("F.a.decorators", "metaflow.step third.deco(x=1)"),
            ("F.b.decorators", "metaflow.step third.other"),
        ],
    );
    check_steps(
        "import os\nwhere = kubernetes if os.environ.get('PROD') else resources\nclass F(FlowSpec):\n    @where(cpu=1)\n    @step\n    def a(self): pass\n",
        &[("F.a.decorators", "metaflow.step metaflow.resources(cpu=1)")],
    );
    check_steps(
        "class F(FlowSpec):\n    @resources(cpu=self.n, memory=2)\n    @step\n    def a(self): pass\n    @nope\n    @step\n    def b(self): pass\n",
        &[
            (
                "F.a.decorators",
                "metaflow.step metaflow.resources(cpu=Runtime { what: \"self.n\" },memory=2)",
            ),
            (
                "!",
                "5: (run time self.n [self.n]); 8: (NameError: name 'nope' is not defined [nope])",
            ),
        ],
    );
}

#[test]
fn placeholders_are_no_values() {
    let head = "from metaflow import FlowSpec, Parameter, Config, config_expr\nclass F(FlowSpec):\n    p = Parameter('p', default=2)\n    c = Config('c', default_value={'a': {'b': 3}, 'n': 'x'})\n";
    let check_body = |body: &str, expected: &[(&str, &str)]| check(&format!("{head}    {body}\n"), expected);
    check_body("x = 1 if p else 2", &[("F.x", "placeholder p Truth [p]")]);
    check_body("x = f'{p}'", &[("F.x", "placeholder p Text [p]")]);
    check_body(
        "x = p * 2",
        &[
            ("F.x", "placeholder p Arithmetic [p * 2]"),
            ("!", "5: (placeholder p Arithmetic [p * 2])"),
        ],
    );
    check_body("x = p['k']", &[("F.x", "placeholder p Item [p['k']]")]);
    check_body(
        "x = p",
        &[("F.x", "placeholder p Bare [p]")].map(|(name, _)| (name, "placeholder p Bare [x]")),
    );
    check_body("x = c.a.b", &[("F.x", "3 <- config:c.a.b")]);
    check_body("x = c['a']['b']", &[("F.x", "3 <- config:c.a.b")]);
    check_body("x = {'k': [c.n]}", &[("F.x", "{'k': ['x']} <- config:c.n")]);
    check_body("x = dict(**c.a)", &[("F.x", "{'b': 3} <- config:c.a")]);
    check_body("x = f'{c.n}-y'", &[("F.x", "placeholder c.n Text [c.n]")]);
    check_body(
        "x = c.a.b * 2",
        &[("!", "5: (placeholder c.a.b Arithmetic [c.a.b * 2])")],
    );
    check_body("x = c.nope", &[("F.x", "AttributeError: nope [c.nope]")]);
    check_body(
        "x = config_expr('c.a.b * 2 + N')\nN = 1",
        &[("F.x", "7 <- config:c.a.b")],
    );
    check_body(
        "x = config_expr('nope.proj')",
        &[(
            "F.x",
            "NameError: name 'nope' is not defined [config_expr('nope.proj')]",
        )],
    );
    check_with(
        &format!("{head}    x = c.k\n"),
        &Given {
            configs: &[("c", "{\"k\": true}")],
            ..Given::default()
        },
        &[("F.x", "True <- config:c.k")],
    );
}
