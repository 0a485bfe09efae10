//! Parameters, `IncludeFile`s and `Config`s: how they are read, and what is wrong with them.

use flowc::flow::{ParameterKind, ParameterType};
use flowc::value::Value;

use crate::memory::Project;

/// A flow with these lines at the head of its class.
fn project(lines: &str) -> Project {
    let body: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    Project::new(&format!(
        "from metaflow import *\nimport click\n\n\nclass F(FlowSpec):\n{body}\n    \
         @step\n    def start(self):\n        self.next(self.end)\n\n    \
         @step\n    def end(self):\n        pass\n\n\nF()\n"
    ))
}

#[test]
fn types_are_inferred_as_metaflow_does() {
    for (call, expected) in [
        ("Parameter('p')", ParameterType::Str),
        ("Parameter('p', default=3)", ParameterType::Int),
        ("Parameter('p', default=3.5)", ParameterType::Float),
        ("Parameter('p', default=True)", ParameterType::Bool),
        ("Parameter('p', default='x')", ParameterType::Str),
        ("Parameter('p', 3)", ParameterType::Int),
        ("Parameter('p', None, float)", ParameterType::Float),
        ("Parameter('p', type=int)", ParameterType::Int),
        ("Parameter('p', type=str, default=12)", ParameterType::Str),
        (
            "Parameter('p', type=JSONType, default='[1]')",
            ParameterType::Json,
        ),
        ("Parameter('p', default=[1, 2])", ParameterType::Other),
        ("Parameter('p', default=lambda context: 3)", ParameterType::Str),
        (
            "Parameter('p', type=click.Choice(['a', 'b']), default='a')",
            ParameterType::Other,
        ),
        ("IncludeFile('p', default='f.txt')", ParameterType::File),
        ("Config('p', default_value={})", ParameterType::Json),
    ] {
        let flow = project(&format!("p = {call}")).flow();
        assert_eq!(flow.parameters.len(), 1, "{call}");
        assert_eq!(flow.parameters[0].value_type, expected, "{call}");
    }
}

#[test]
fn positional_arguments_get_their_names() {
    let flow =
        project("p = Parameter('p', 1, int, 'how many', True)\nq = IncludeFile('q', True, False)").flow();
    let shown = |index: usize| -> Vec<String> {
        let attributes = flow.parameters[index].attributes.iter();
        attributes
            .map(|it| format!("{}={}", it.name, it.value.value().unwrap().to_repr()))
            .collect()
    };
    assert_eq!(
        shown(0),
        ["default=1", "type='int'", "help='how many'", "required=True"]
    );
    assert_eq!(shown(1), ["required=True", "is_text=False"]);
    assert_eq!(flow.parameters[1].kind, ParameterKind::IncludeFile);
}

#[test]
fn parameters_stand_in_the_order_of_their_variables() {
    let flow =
        project("b = Parameter('z')\na = Parameter('y')\n_c = Parameter('x')\nname = Parameter('w')").flow();
    let names: Vec<&str> = flow
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(names, ["y", "z"]);
}

#[test]
fn they_come_from_bases_and_mixins() {
    let flow = Project::new(
        "from base import M\nfrom metaflow import *\nclass A(FlowSpec):\n    a = Parameter('a')\n\
         class F(A, M):\n    f = Parameter('f')\n",
    )
    .with(
        "base.py",
        "from metaflow import Parameter\nclass M:\n    m = Parameter('m', default=2)\n",
    )
    .flow();
    let names: Vec<&str> = flow
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(names, ["a", "f", "m"]);
}

/// What Metaflow refuses, at whatever moment, and what it lets pass.
#[test]
fn faults() {
    for (line, codes) in [
        ("p = Parameter('tag')", "FLC601"),
        ("p = Parameter('Tag')", ""),
        ("p = Parameter('run_id_file')", "FLC601"),
        ("p = Parameter('max-workers')", "FLC601"),
        ("p = Config('tag', default_value={})", "FLC601"),
        ("p = Parameter()", "FLC602"),
        (
            "p = Parameter('Alpha', default=1)\nq = Parameter('alpha', default=2)",
            "FLC603",
        ),
        ("p = Parameter('p', default=1)\nq = p", "FLC603"),
        (
            "a = Config('c', default_value={})\nb = Config('c', default_value={})",
            "FLC603",
        ),
        ("p = Parameter('my param', default='x')", "FLC604"),
        ("p = Parameter('', default='x')", "FLC604"),
        ("p = Parameter('1p', default='x')", "FLC604"),
        ("p = Parameter('my-param', default='x')", ""),
        ("p = Parameter('p', show_default=lambda c: True)", "FLC605"),
        ("p = Parameter('p', separator=lambda c: True)", "FLC605"),
        ("p = Parameter('p', type=int, separator=',')", "FLC606"),
        ("p = Parameter('p', separator=',', default='a,b')", ""),
        ("p = Parameter('p', type=int, default='abc')", "FLC607"),
        ("p = Parameter('p', type=int, default='12')", ""),
        ("p = Parameter('p', type=JSONType, default='{\"a\":')", "FLC607"),
        ("p = Parameter('p', type=JSONType, default={'a': 1})", ""),
        (
            "p = Parameter('p', type=JSONType, default='{\"lr\": NaN, \"NaN\": -Infinity}')",
            "",
        ),
        ("p = Parameter('p', type=JSONType, default='{NaN: 1}')", "FLC607"),
        (
            "c = Config('c', default_value={'n': 'p'})\np = Parameter(c.n, default=1)",
            "FLC602",
        ),
        ("p = Config('p', default_value={})\nq = Parameter('p')", ""),
        ("p = Parameter('p', foo=1)", "FLC608"),
        ("p = Parameter('p', envvar='X', hidden=True)", ""),
        ("p = IncludeFile('p', default='f.py', foo=1)", "FLC608"),
        ("p = IncludeFile('p', 'f.py')", "FLC612"),
        ("p = IncludeFile('p', default='s3://b/k')", "FLC613"),
        ("p = Config('p', default='x', default_value={'a': 3})", "FLC614"),
    ] {
        let found: Vec<String> = project(line)
            .findings()
            .into_iter()
            .filter(|finding| finding.contains(" error "))
            .collect();
        let is_expected = match found.as_slice() {
            [] => codes.is_empty(),
            [only] => !codes.is_empty() && only.contains(codes),
            _ => false,
        };
        assert!(is_expected, "{line}: {found:?}, expected {codes}");
    }
}

#[test]
fn silent_traps_are_warnings() {
    for (line, code) in [
        ("_p = Parameter('p')", "FLC609"),
        ("index = Parameter('p')", "FLC609"),
        ("ps = [Parameter('p')]", "FLC609"),
        ("ps = {'p': Parameter('p')}", "FLC609"),
        ("p = Parameter('p', default=[1, 2])", "FLC611"),
        ("p = Parameter('p', required=True, default=1)", "FLC616"),
        ("p = Parameter('help', default='x')", "FLC601"),
    ] {
        let found = project(line).found("FLC6");
        assert!(
            found.len() == 1 && found[0].contains(&format!("warning {code}")),
            "{line}: {found:?}"
        );
    }
}

#[test]
fn configs_have_their_content() {
    let flow = project("c = Config('c', default_value={'a': 3})").flow();
    let expected = Value::Dict(vec![(Value::str("a"), Value::Int(3))]);
    assert_eq!(flow.parameters[0].content, Some(expected.clone()));
    let flow = project("c = Config('c', default_value='{\"a\": 3}')").flow();
    assert_eq!(flow.parameters[0].content, Some(expected.clone()));
    let flow = project("c = Config('c', default='c.json')")
        .with("c.json", "{\"a\": 3}")
        .flow();
    assert_eq!(flow.parameters[0].content, Some(expected));
}

#[test]
fn configs_that_cannot_be_read_are_errors() {
    for line in [
        "c = Config('c', default='missing.json')",
        "c = Config('c', default='bad.json')",
        "c = Config('c', default_value='[1]')",
        "c = Config('c', required=True)",
    ] {
        let found = project(line).with("bad.json", "{").found("FLC61");
        assert!(
            found.len() == 1 && found[0].contains(" error "),
            "{line}: {found:?}"
        );
    }
    assert_eq!(project("c = Config('c')").found("FLC6"), Vec::<String>::new());
}

#[test]
fn the_program_may_set_what_configs_read() {
    let text = "import json, os\nfrom metaflow import *\nos.environ['METAFLOW_FLOW_CONFIG_VALUE'] = json.dumps({'c': {'a': 3}})\n\
                os.environ['METAFLOW_FLOW_CONFIG'] = json.dumps({'d': 'd.json'})\n\
                class F(FlowSpec):\n c = Config('c', required=True)\n d = Config('d', default='no.json')\n\
                \x20p = Parameter('p', default=d.x)\n @step\n def start(self): self.next(self.end)\n @step\n def end(self): pass\nF()\n";
    let project = Project::new(text).with("d.json", "{\"x\": 5}");
    assert_eq!(project.found("FLC6"), Vec::<String>::new());
    assert!(!Project::new(text).found("FLC6").is_empty());
}

#[test]
fn a_config_is_spread_where_it_is_not_made_yet() {
    let text = |name: &str| {
        format!(
            "from metaflow import *\n@project(**config_expr('c.project'))\nclass F(FlowSpec):\n c = Config('c', default_value={{'project': {{'{name}': 'p'}}}})\n\
             @resources(**config_expr('d'))\n @step\n def start(self): self.next(self.end)\n d = Config('d', default_value={{'cpu': 3}})\n @step\n def end(self): pass\nF()\n"
        )
        .replace("\n@resources", "\n @resources")
    };
    let project = Project::new(&text("name"));
    assert_eq!(project.findings(), Vec::<String>::new());
    let flow = project.flow();
    let shown = format!(
        "{:?} {:?}",
        flow.decorators,
        flow.step("start").unwrap().decorators
    );
    assert!(
        shown.contains("Str(\"p\")") && shown.contains("Int(3)"),
        "{shown}"
    );
    let misspelt = Project::new(&text("nmae")).findings();
    assert!(
        misspelt.iter().any(|found| found.contains("warning FLC220")),
        "{misspelt:?}"
    );
    assert!(
        misspelt.iter().any(|found| found.contains("error FLC2")),
        "{misspelt:?}"
    );
}

#[test]
fn a_member_of_a_text_enumeration_is_a_name() {
    for bases in ["str, Enum", "StrEnum"] {
        let lines = "class Names(BASES):\n    RATE = 'learning-rate'\nrate = Parameter(Names.RATE, default=0.1, type=float)";
        let text = lines.replace("BASES", bases);
        let project = Project::new(&format!(
            "from enum import Enum, StrEnum\nfrom metaflow import *\n{}\nclass F(FlowSpec):\n {}\n @step\n def start(self): self.next(self.end)\n @step\n def end(self): pass\nF()\n",
            text.rsplit_once('\n').unwrap().0,
            text.rsplit_once('\n').unwrap().1,
        ));
        let flow = project.flow();
        assert_eq!(flow.parameters[0].name, "learning-rate", "{bases}");
        assert_eq!(project.findings(), Vec::<String>::new());
    }
}

#[test]
fn a_subclass_that_changes_nothing_makes_parameters() {
    let project = Project::new(
        "from metaflow import *\nclass P(Parameter):\n \"\"\"Ours.\"\"\"\nclass SQL(IncludeFile): pass\nclass F(FlowSpec):\n a = P('a', default=1)\n q = SQL('q')\n \
         @step\n def start(self): self.next(self.end)\n @step\n def end(self): pass\nF()\n",
    );
    let flow = project.flow();
    let kinds: Vec<ParameterKind> = flow.parameters.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [ParameterKind::Parameter, ParameterKind::IncludeFile]);
    assert_eq!(flow.parameters[0].value_type, ParameterType::Int);
    assert_eq!(project.findings(), Vec::<String>::new());
}

#[test]
fn parsers_by_name() {
    let parsers = "LIMIT = 3\ndef load(text):\n    return {'cpu': len(text)}\n";
    for (parser, expected) in [
        ("parsers.load", ""),
        ("parsers.nope", "`parsers` has nothing of this name"),
        ("parsers.LIMIT", "cannot be called"),
        ("tomllib.load_s", "`tomllib` has nothing of this name"),
        ("tomllib.load", "reads a file"),
        ("load", "names no module"),
        ("some_package.load", ""),
    ] {
        let line = format!("c = Config('c', default_value='x', parser='{parser}')");
        let project = project(&line).with("parsers.py", parsers);
        let found = project.found("FLC615");
        assert_eq!(
            found.len(),
            usize::from(!expected.is_empty()),
            "{parser}: {found:?}"
        );
        assert!(
            found.iter().all(|found| found.contains(expected)),
            "{parser}: {found:?}"
        );
        if parser == "parsers.load" {
            let expected = Value::Dict(vec![(Value::str("cpu"), Value::Int(1))]);
            assert_eq!(project.flow().parameters[0].content, Some(expected));
        }
        let unread = format!("c = Config('c', parser='{parser}')");
        assert_eq!(
            crate::parameters::project(&unread).found("FLC6"),
            Vec::<String>::new()
        );
    }
}
