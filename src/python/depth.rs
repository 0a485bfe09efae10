//! Stack room for syntax trees: building, visiting and dropping one recurses as deep as the source nests.

use std::cell::Cell;
use std::thread;

/// Enough for 50,000 nested operators in an unoptimized build. Only what is touched costs memory.
pub const STACK_SIZE: usize = 512 << 20;

/// Visitors and the interpreter stop at this nesting with a "can't tell".
pub const LIMIT: u32 = 500;

thread_local! {
    static IS_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Runs a closure where syntax trees of any depth may be built and dropped: on a thread with a large stack.
/// Within such a thread it simply calls the closure.
pub fn with_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if IS_DEEP.get() {
        return work();
    }
    thread::scope(|scope| {
        let spawned = thread::Builder::new()
            .stack_size(STACK_SIZE)
            .spawn_scoped(scope, || on_deep_stack(work));
        match spawned.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => std::panic::resume_unwind(Box::new(format!("no thread for parsing: {error}"))),
        }
    })
}

/// Declares that this thread was made with [`STACK_SIZE`], as those of a pool may be, and runs the closure.
pub fn on_deep_stack<T>(work: impl FnOnce() -> T) -> T {
    IS_DEEP.set(true);
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_use_stays_on_the_thread() {
        let (outer, inner) = with_deep_stack(|| {
            let outer = thread::current().id();
            (outer, with_deep_stack(|| thread::current().id()))
        });
        assert_eq!(outer, inner);
        assert_ne!(outer, thread::current().id());
    }
}
