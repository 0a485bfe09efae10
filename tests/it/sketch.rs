//! Flows from a compact notation, one step a line, so that tests of the graph need no Python:
//!
//! ```text
//! start: a b              a split
//! a: j                    linear
//! f: body foreach         a foreach
//! p: body parallel        num_parallel
//! s: ? a s                a switch; its cases are k0, k1 …
//! x: !                    an invalid self.next
//! j/2: end                two arguments: a join
//! body@: j                carries @parallel
//! a+start: b              @step(start=True)
//! end                     no self.next
//! ```

use flowc::flow::{Case, DecoratorKind, DecoratorUse, Flow, Step, StepName, Tail, Transition};
use flowc::source::{SourceId, Sources, Span};
use flowc::value::Value;

/// The flow of a sketch; spans lie in the sketch itself, so a step's line is its line there.
pub fn flow(sketch: &str) -> (Flow, Sources) {
    let mut sources = Sources::default();
    let source = sources.add("sketch", sketch);
    let mut flow = Flow::new("F", Span::new(source, 0, 0));
    let mut offset = 0;
    for line in sketch.split_inclusive('\n') {
        if !line.trim().is_empty() {
            flow.steps.push(step(source, offset, line));
        }
        offset += line.len();
    }
    flow.steps.sort_by(|left, right| left.name.cmp(&right.name));
    (flow, sources)
}

fn step(source: SourceId, offset: usize, line: &str) -> Step {
    let words = words(source, offset, line);
    let (head, targets) = words.split_first().expect("a line has a word");
    let head_text = head.name.trim_end_matches(':');
    let name = head_text.split(['/', '@', '+']).next().expect("split gives one");
    let mut step = Step::new(name, head.span);
    if let Some((_, count)) = head_text.split_once('/') {
        step.argument_count = count.trim_end_matches('@').parse().expect("a count");
    }
    step.is_annotated_start = head_text.ends_with("+start");
    step.is_annotated_end = head_text.ends_with("+end");
    if head_text.ends_with('@') {
        step.decorators.push(DecoratorUse {
            name: "parallel".to_owned(),
            kind: DecoratorKind::UserStep,
            span: head.span,
            attributes: Vec::new(),
            unknown_arguments: None,
            undecided: None,
        });
    }
    if let Some(first) = targets.first() {
        step.tail = tail(first.span, targets);
    }
    step
}

fn tail(span: Span, words: &[StepName]) -> Tail {
    let targets = |words: &[StepName]| words.to_vec();
    let first = words[0].clone();
    let transition = match (
        words[0].name.as_str(),
        words.last().map(|word| word.name.as_str()),
    ) {
        ("!", _) => {
            return Tail::Invalid {
                span,
                at: span,
                problem: "it is a sketch".to_owned(),
                targets: targets(&words[1..]),
                only_keyword: None,
            };
        }
        ("?", _) => Transition::Switch {
            cases: words[1..]
                .iter()
                .enumerate()
                .map(|(index, target)| case(index, target))
                .collect(),
            condition: "c".to_owned(),
            condition_span: span,
            further_keywords: Vec::new(),
        },
        (_, Some("foreach")) => Transition::Foreach {
            target: first,
            variable: Some("xs".to_owned()),
            no_name: None,
            variable_span: span,
        },
        (_, Some("parallel")) => Transition::Parallel {
            target: first,
            count: Some(2),
            count_span: span,
        },
        _ if words.len() == 1 => Transition::Linear(first),
        _ => Transition::Split(targets(words)),
    };
    Tail::Next { span, transition }
}

fn case(index: usize, target: &StepName) -> Case {
    Case {
        key: Value::str(format!("k{index}")),
        key_span: target.span,
        target: target.clone(),
    }
}

fn words(source: SourceId, offset: usize, line: &str) -> Vec<StepName> {
    line.split_whitespace()
        .map(|word| {
            let start = offset + (word.as_ptr() as usize - line.as_ptr() as usize);
            let position = |at: usize| u32::try_from(at).expect("a sketch is short");
            StepName {
                name: word.to_owned(),
                span: Span::new(source, position(start), position(start + word.len())),
            }
        })
        .collect()
}
