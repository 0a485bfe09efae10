//! Every output format over the same findings: odd lines, places in other files, fixes. Source and output stand
//! together in each snapshot.

use flowc::diagnostic::{
    Diagnostic, Edit, Fix, Summary, concise, full, github, gitlab, in_order, json, junit, markdown, rdjson,
    sarif,
};
use flowc::source::{SourceId, Sources, Span};
use flowc::target::Target;

flowc::declare_rule! {
    /// A step calls `self.next` with a step that does not exist.
    static UNKNOWN: error "FLC110" "unknown-step";
}
flowc::declare_rule! {
    /// An attribute has no effect.
    static IDLE: warning "FLC411" "idle-attribute";
}

/// The span of the first occurrence of `what`.
fn span(sources: &Sources, id: SourceId, what: &str) -> Span {
    let start = sources.get(id).text().find(what).unwrap();
    Span::new(
        id,
        u32::try_from(start).unwrap(),
        u32::try_from(start + what.len()).unwrap(),
    )
}

fn findings() -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let base = sources.add(
        "base.py",
        "from metaflow import FlowSpec\n\nIMAGE = 'été'  # コメント\n",
    );
    let flow = sources.add(
        "flows/train.py",
        "class TrainFlow(Base):\n    @step\n    def start(self):\n        self.next(self.strat)\n\n\t@retry(tiems=3)\n",
    );
    let fix = Fix {
        title: "call it `start`".to_owned(),
        is_safe: true,
        edits: vec![Edit {
            span: span(&sources, flow, "strat"),
            text: "start".to_owned(),
        }],
    };
    let unknown = Diagnostic::new(
        &UNKNOWN,
        span(&sources, flow, "self.strat"),
        "step `start` goes on to `strat`, which does not exist",
    )
    .caption("no such step")
    .label(span(&sources, flow, "TrainFlow"), "in this flow")
    .label(span(&sources, base, "'été'"), "the image | comes <from> here")
    .help("the flow has `start` & `end`")
    .flow("TrainFlow")
    .step("start")
    .fix(fix);
    let idle = Diagnostic::new(
        &IDLE,
        span(&sources, flow, "tiems"),
        "`@retry` takes no `tiems`, 100% sure",
    )
    .target(Target::Argo);
    let found = in_order(&sources, vec![idle, unknown]);
    (sources, found)
}

#[test]
fn full_shows_source_lines() {
    let (sources, found) = findings();
    let summary = full::summary_line(Summary::new(1, 1, &found), &[]);
    insta::assert_snapshot!(full::render(&sources, &found, false) + &summary);
}

#[test]
fn concise_is_one_line_each() {
    let (sources, found) = findings();
    insta::assert_snapshot!(concise::render(&sources, &found));
}

#[test]
fn json_has_the_schema_of_the_interface() {
    let (sources, found) = findings();
    insta::assert_snapshot!(json::render(&sources, &found, Summary::new(1, 1, &found), &[]));
}

#[test]
fn jsonl_is_json_without_the_frame() {
    let (sources, found) = findings();
    let text = json::render_lines(&sources, &found);
    let document: serde_json::Value =
        serde_json::from_str(&json::render(&sources, &found, Summary::default(), &[])).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(document["diagnostics"].as_array().unwrap(), &lines);
}

#[test]
fn sarif_names_rules_places_and_fixes() {
    let (sources, found) = findings();
    insta::assert_snapshot!(sarif::render(&sources, &found).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn github_escapes_what_would_end_a_command() {
    let (sources, found) = findings();
    insta::assert_snapshot!(github::render(&sources, &found));
}

#[test]
fn gitlab_fingerprints_do_not_depend_on_the_line() {
    let (sources, found) = findings();
    let text = gitlab::render(&sources, &found);
    let mut moved = Sources::default();
    let id = moved.add("flows/train.py", "\n\n\nself.strat\n");
    let alone = Diagnostic::new(&UNKNOWN, span(&moved, id, "self.strat"), found[0].message.clone());
    let other: serde_json::Value =
        serde_json::from_str(&gitlab::render(&moved, &[alone.clone(), alone])).unwrap();
    let issues: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(issues[0]["check_name"], "FLC110", "{text}");
    assert_eq!(issues[0]["fingerprint"], other[0]["fingerprint"]);
    assert_ne!(other[0]["fingerprint"], other[1]["fingerprint"]);
    insta::assert_snapshot!(text);
}

#[test]
fn junit_is_a_suite_a_file() {
    let (sources, found) = findings();
    insta::assert_snapshot!(junit::render(&sources, &found));
    insta::assert_snapshot!("junit_of_nothing", junit::render(&sources, &[]));
}

#[test]
fn rdjson_counts_columns_in_bytes() {
    let (sources, found) = findings();
    insta::assert_snapshot!(rdjson::render(&sources, &found));
}

#[test]
fn markdown_is_a_table() {
    let (sources, found) = findings();
    let table = markdown::render(&sources, &found, Summary::new(1, 1, &found), &[]);
    insta::assert_snapshot!(table);
}

/// One finding at `from..to` of the text, as `full` shows it.
fn shown(text: &str, from: usize, to: usize) -> String {
    let mut sources = Sources::default();
    let id = sources.add("f.py", text);
    let span = Span::new(id, u32::try_from(from).unwrap(), u32::try_from(to).unwrap());
    full::render(&sources, &[Diagnostic::new(&UNKNOWN, span, "found")], false)
}

#[test]
fn odd_lines_keep_their_carets() {
    let long = format!(
        "x = '{}'; y = nowhere; z = '{}'\n",
        "a".repeat(5000),
        "b".repeat(5000)
    );
    let at = long.find("nowhere").unwrap();
    let cases = [
        ("tabs", "\tif x:\n\t\ty = nowhere\n".to_owned(), 13, 20),
        ("wide characters", "名 = nowhere  # 日本語\n".to_owned(), 6, 13),
        ("CRLF", "a = 1\r\nb = nowhere\r\n".to_owned(), 11, 18),
        ("lone CR", "a = 1\rb = nowhere\r".to_owned(), 10, 17),
        ("empty span at the end", "a = 1\n".to_owned(), 6, 6),
        ("empty file", String::new(), 0, 0),
        ("past the end", "a = 1".to_owned(), 5, 99),
        ("several lines", "f(\n    1,\n)\n".to_owned(), 0, 11),
        ("within a character", "é = 1\n".to_owned(), 1, 2),
        (
            "control characters",
            "a = '\x1b[31m\x08' + nowhere\n".to_owned(),
            15,
            22,
        ),
        ("long", long, at, at + 7),
    ];
    let mut text = String::new();
    for (name, source, from, to) in cases {
        text += &format!("--- {name}\n{}", shown(&source, from, to));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn no_span_of_any_text_panics() {
    let texts = [
        "",
        "\n",
        "\r\n\r",
        "é\té",
        "a\u{200d}b\u{301}\n\n",
        "\u{feff}x\n",
        "\"\"\"\n\n'''",
        "\u{1F468}\u{200D}\u{1F469}\n",
    ];
    for text in texts {
        for from in 0..=text.len() + 1 {
            for to in from..=text.len() + 2 {
                assert!(shown(text, from, to).contains("found"));
                let mut sources = Sources::default();
                let id = sources.add("f.py", text);
                let span = Span::new(id, u32::try_from(from).unwrap(), u32::try_from(to).unwrap());
                let found = [Diagnostic::new(&UNKNOWN, span, "found").label(span, "here")];
                for rendered in [
                    sarif::render(&sources, &found),
                    rdjson::render(&sources, &found),
                    github::render(&sources, &found),
                    concise::render(&sources, &found),
                    full::render(&sources, &found, true),
                ] {
                    assert!(!rendered.is_empty());
                }
            }
        }
    }
}
