//! The state of following a program: modules, what was found, how much work is left.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;

use ruff_text_size::TextRange;

use super::arena::Arena;
use super::branch::Branch;
use super::call::CachedCall;
use super::choices::Choice;
use super::mistakes::Further;
use super::namespace::Namespace;
use super::object::{Applied, Class, Module, Object, Shared, Thing, union};
use super::parse::{Parsed, span_of};
use super::scope::{Locals, Scope};
use super::search_path::SearchPath;
use super::{Inputs, depth};
use crate::diagnostic::Diagnostic;
use crate::source::{SourceId, Sources, Span};
use crate::value::{Input, Unknown, Why};

/// Why an evaluation ends without an object.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// Python would go on with an object that is not known here.
    Unknown(Unknown),
    /// Python would raise.
    Raise(Unknown),
}

/// The modules outside of the project of which a `try` around may ask whether they have an attribute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tried {
    None,
    /// `except Exception:`, which is hardly there for what the standard library has.
    Installed,
    /// `except AttributeError:`
    All,
}

pub(super) type Known<T> = Result<T, Stop>;
pub(super) type Evaluation<'a> = Result<Thing<'a>, Stop>;

/// Calls, loop iterations and elements handled, over a whole program.
const MOST_STEPS: u32 = 2_000_000;
/// What a statement may still take once those are used up: enough for an import, a class, `if __name__ == "__main__":`.
const FEW_STEPS: u32 = 5_000;
/// Elements of one container, characters of one text (times ten).
pub(super) const MOST_ELEMENTS: usize = 100_000;

/// A class with its method resolution order, where there is one.
pub(super) type Ordered<'a> = (Rc<Class<'a>>, Option<Vec<Rc<Class<'a>>>>);

pub(super) struct Interpreter<'a> {
    pub arena: &'a Arena,
    pub inputs: &'a Inputs<'a>,
    /// Taken from the caller while the program is followed.
    pub sources: Sources,
    pub texts: HashMap<SourceId, &'a str>,
    /// The entry file's.
    pub folder: PathBuf,
    pub(super) search_path: SearchPath,
    pub entry_source: Option<SourceId>,
    pub entry_module: Option<Rc<Module<'a>>>,
    pub parsed: HashMap<PathBuf, Option<&'a Parsed>>,
    pub modules: HashMap<String, Option<Rc<Module<'a>>>>,
    pub files_read: Vec<PathBuf>,
    /// Names of `-D` that the program has: where, and whether the value was of use.
    pub defines_met: BTreeMap<String, (Span, bool)>,
    /// Sources whose trees lack something: see [`super::Followed::partial`].
    pub partial: BTreeSet<SourceId>,

    pub classes: Vec<Rc<Class<'a>>>,
    /// Where in `classes` that of a class statement stands, by the statement's offset.
    class_places: HashMap<u32, usize>,
    /// Orders in which bases are searched, by the address of the class, which is kept alive with its order.
    pub(super) orders: RefCell<HashMap<usize, Ordered<'a>>>,
    /// Names that are one of two classes, of which one is a flow and the other perhaps: the flow, by the name and why
    /// it is not known which of the two.
    pub(super) perhaps_flows: BTreeMap<(Span, &'a str), Thing<'a>>,
    pub instantiated: Vec<(Rc<Class<'a>>, Span)>,
    /// A flow was instantiated: its command line takes over, nothing after it runs.
    pub has_run: bool,
    /// The program calls something unknown, which may be any of its classes.
    pub runs_unknown: bool,
    pub configs: Vec<Rc<Applied<'a>>>,
    /// What the program put in the place of things outside of the project, by their dotted names.
    pub patches: Rc<Namespace<'a>>,
    /// Pairs of containers that the comparison under way found equal, and how many comparisons are within each other.
    pub compared: HashSet<(usize, usize)>,
    pub comparisons: u32,
    pub cached_calls: Vec<CachedCall<'a>>,
    /// Members of enumerations that were asked for, by their first name.
    pub members: Vec<(Rc<Class<'a>>, &'a str, Thing<'a>)>,

    pub diagnostics: Vec<Diagnostic>,
    pub reported: BTreeSet<Span>,
    pub raised: Vec<Unknown>,
    pub further: Further,

    /// Changes that the program made to `os.environ`; `None` for what is no longer there.
    pub environment: HashMap<String, Result<Option<String>, Unknown>>,
    /// A `load_dotenv()` may have set what the environment does not hold.
    pub environment_grows: Option<Unknown>,

    steps: u32,
    /// Steps beyond which nothing is computed.
    limit: u32,
    /// The next body to run is that of a module or of a class in it, no loop's.
    pub(super) begins_statements: bool,
    pub depth: u32,
    /// Functions and `try` statements that an exception would go to, rather than end the program.
    pub catchers: u32,
    /// Whose attributes may be missing without that ending the program.
    pub(super) attributes_tried: Tried,
    /// Class bodies around the statement that is followed.
    pub class_depth: u32,
    pub call_depth: u32,
    /// Inside of a decorator's expression.
    pub is_decorating: bool,
    /// What something unknown may be.
    pub leaked: RefCell<Vec<Thing<'a>>>,
    /// Places of unknowns that are perhaps Metaflow's; see [`super::choices`].
    pub(super) choices: RefCell<BTreeMap<Span, Choice>>,
    /// Decorators of Metaflow that are called on something unknown, by their names.
    pub(super) astray: Vec<(String, Unknown)>,
    /// To be paid for with the next step.
    pub work_elsewhere: Cell<usize>,
    pub branches: Vec<Branch<'a>>,
    /// How many operations were met that are not followed exactly: any may have raised. See [`super::attempts`].
    pub(super) doubts: Cell<u32>,
    /// How many of them were imports.
    pub(super) import_doubts: u32,
    /// The first import in the `try` around that may fail.
    pub(super) import_in_doubt: Option<Unknown>,
    /// What a `raise` raises that is no builtin exception: a class of the project, or something unknown.
    pub(super) raised_classes: BTreeMap<Span, Option<Rc<Class<'a>>>>,
    pub next_branch: u32,
    /// What the conditions around the statement rest on.
    pub control: Option<Rc<BTreeSet<Input>>>,
    /// Config placeholders stand for their values: in `config_expr`.
    pub is_resolving: bool,
    /// `**config` where the Config was not there yet, by place.
    pub put_off: BTreeMap<Span, Thing<'a>>,
    /// The place of all that is evaluated, where the text is no source: in `config_expr`.
    pub fixed_span: Option<Span>,
    pub locals: HashMap<(SourceId, u32), Rc<Locals<'a>>>,
    /// Scopes that functions and classes hold, to be emptied at the end.
    pub scopes_held: Vec<Rc<Namespace<'a>>>,
}

impl<'a> Interpreter<'a> {
    pub fn new(arena: &'a Arena, inputs: &'a Inputs<'a>, sources: Sources, folder: PathBuf) -> Self {
        Self {
            arena,
            inputs,
            sources,
            texts: HashMap::new(),
            folder,
            search_path: SearchPath::default(),
            entry_source: None,
            entry_module: None,
            parsed: HashMap::new(),
            modules: HashMap::new(),
            files_read: Vec::new(),
            defines_met: BTreeMap::new(),
            partial: BTreeSet::new(),
            classes: Vec::new(),
            class_places: HashMap::new(),
            orders: RefCell::new(HashMap::new()),
            perhaps_flows: BTreeMap::new(),
            instantiated: Vec::new(),
            has_run: false,
            runs_unknown: false,
            configs: Vec::new(),
            patches: Rc::default(),
            compared: HashSet::new(),
            comparisons: 0,
            cached_calls: Vec::new(),
            members: Vec::new(),
            diagnostics: Vec::new(),
            reported: BTreeSet::new(),
            raised: Vec::new(),
            further: Further::new(),
            environment: HashMap::new(),
            environment_grows: None,
            steps: 0,
            limit: MOST_STEPS,
            begins_statements: false,
            depth: 0,
            catchers: 0,
            attributes_tried: Tried::None,
            class_depth: 0,
            call_depth: 0,
            is_decorating: false,
            leaked: RefCell::new(Vec::new()),
            choices: RefCell::default(),
            astray: Vec::new(),
            work_elsewhere: Cell::new(0),
            branches: Vec::new(),
            doubts: Cell::new(0),
            import_doubts: 0,
            import_in_doubt: None,
            raised_classes: BTreeMap::new(),
            next_branch: 1,
            control: None,
            is_resolving: false,
            put_off: BTreeMap::new(),
            fixed_span: None,
            locals: HashMap::new(),
            scopes_held: Vec::new(),
        }
    }

    pub fn span(&self, scope: &Scope<'a>, range: TextRange) -> Span {
        self.fixed_span
            .unwrap_or_else(|| span_of(scope.module.source, range))
    }

    /// The source text of a span.
    pub fn text(&self, span: Span) -> &'a str {
        let text = self.texts.get(&span.source).copied().unwrap_or("");
        text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The line of a span's start, from 1.
    pub fn line(&self, span: Span) -> usize {
        let text = self.texts.get(&span.source).copied().unwrap_or("");
        let before = text.get(..span.start as usize).unwrap_or("");
        before.bytes().filter(|&byte| byte == b'\n').count() + 1
    }

    /// Pays for work; an unknown when the program has used up what one may.
    pub fn spend(&mut self, amount: usize, span: Span) -> Known<()> {
        self.count(amount);
        if self.steps > self.limit {
            return Err(unknown(span, "it takes too long to compute"));
        }
        Ok(())
    }

    /// Work that is done, and that which was done elsewhere.
    fn count(&mut self, amount: usize) {
        let amount = amount.saturating_add(self.work_elsewhere.take());
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_add(amount);
    }

    /// One statement that takes too long is not known; what stands behind it still is.
    pub(super) fn begin_statement(&mut self) {
        self.count(0);
        if self.steps >= MOST_STEPS {
            self.limit = self.steps.saturating_add(FEW_STEPS);
        }
    }

    /// Of a class statement in a loop the last class counts.
    pub fn keep_class(&mut self, class: &Rc<Class<'a>>) {
        let place = self.class_places.entry(class.node.range.start().to_u32());
        let place = *place.or_insert(self.classes.len());
        match self.classes.get_mut(place) {
            Some(earlier) => *earlier = Rc::clone(class),
            None => self.classes.push(Rc::clone(class)),
        }
    }

    /// Pays for making so many elements at once.
    pub fn make_room(&mut self, elements: usize, span: Span) -> Known<()> {
        if elements > MOST_ELEMENTS {
            return Err(unknown(span, "it has too many elements"));
        }
        self.spend(elements, span)
    }

    /// Goes one level deeper into the source's nesting.
    pub fn deeper<T>(&mut self, span: Span, work: impl FnOnce(&mut Self) -> Known<T>) -> Known<T> {
        if self.depth >= depth::LIMIT {
            return Err(unknown(span, "it is nested too deeply"));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    pub fn list(&self, items: Vec<Thing<'a>>) -> Thing<'a> {
        Thing::new(Object::List(self.shared(items)))
    }

    pub fn dict(&self, entries: Vec<(Thing<'a>, Thing<'a>)>) -> Thing<'a> {
        Thing::new(Object::Dict(self.shared(entries)))
    }

    /// Wraps a container's content, remembering in which branch it was made.
    pub fn shared<T>(&self, content: T) -> Rc<Shared<T>> {
        let shared = Shared::new(content);
        shared.born.set(self.branch_id());
        Rc::new(shared)
    }

    pub fn namespace(&self) -> Rc<Namespace<'a>> {
        let namespace = Namespace::default();
        namespace.born.set(self.branch_id());
        Rc::new(namespace)
    }

    /// For what is set on a function.
    pub fn function_namespace(&self) -> Rc<Namespace<'a>> {
        let namespace = self.namespace();
        namespace.is_of_function.set(true);
        namespace
    }

    /// Remembers that a function or class keeps a scope alive.
    pub fn hold(&mut self, names: &Rc<Namespace<'a>>) {
        let is_last = self
            .scopes_held
            .last()
            .is_some_and(|last| Rc::ptr_eq(last, names));
        if !is_last {
            self.scopes_held.push(Rc::clone(names));
        }
    }

    /// Adds what the conditions around rest on.
    pub fn under_control(&self, mut thing: Thing<'a>) -> Thing<'a> {
        if self.control.is_some() {
            thing.depends_on = union(thing.depends_on, self.control.as_ref());
        }
        thing
    }

    /// An exception ends the statement, not the program's following.
    pub fn is_guarded(&self) -> bool {
        self.catchers == 0
    }
}

/// Python's integers have no end, those of [`Value`](crate::value::Value) 64 bits.
pub(super) const TOO_LARGE: &str = "the integer is not within ±2**63, the range that flowc computes in";

/// An exception that Python raises here.
pub(super) fn raise(span: Span, exception: &'static str, message: impl Into<String>) -> Stop {
    Stop::Raise(Unknown {
        span,
        why: Why::Raises {
            exception,
            message: message.into(),
        },
    })
}

pub(super) fn type_error(span: Span, message: impl Into<String>) -> Stop {
    raise(span, "TypeError", message)
}

/// An object that is not known, and why: the second half of "cannot be known statically: …".
pub(super) fn unknown(span: Span, reason: impl Into<String>) -> Stop {
    Stop::Unknown(opaque(span, reason))
}

pub(super) fn opaque(span: Span, reason: impl Into<String>) -> Unknown {
    Unknown {
        span,
        why: Why::Opaque {
            reason: reason.into(),
        },
    }
}

/// An unknown object is an object: only an exception stops.
pub(super) fn settle(result: Evaluation<'_>) -> Evaluation<'_> {
    match result {
        Err(Stop::Unknown(unknown)) => Ok(Thing::unknown(unknown)),
        Ok(_) | Err(Stop::Raise(_)) => result,
    }
}
