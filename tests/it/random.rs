//! Random sketches of small flows: some sound, some damaged, some of arbitrary shape. Seeded, always the same.

/// `SplitMix64`, enough to draw flows with.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a usize")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

struct Line {
    head: String,
    tail: Vec<String>,
}

/// A flow as a sketch (see `sketch.rs`).
pub fn sketch(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut lines = if random.one_in(3) {
        arbitrary(&mut random)
    } else {
        sound(&mut random)
    };
    for _ in 0..*random.pick(&[0, 0, 0, 1, 1, 2]) {
        damage(&mut random, &mut lines);
    }
    let write = |line: &Line| match line.tail.as_slice() {
        [] => format!("{}\n", line.head),
        tail => format!("{}: {}\n", line.head, tail.join(" ")),
    };
    lines.iter().map(write).collect()
}

/// Any acyclic shape, now and then with an edge back.
fn arbitrary(random: &mut Random) -> Vec<Line> {
    let count = 2 + random.below(7);
    let name = |index: usize| match index {
        0 => "start".to_owned(),
        _ if index == count => "end".to_owned(),
        _ => format!("s{index}"),
    };
    let mut lines = Vec::new();
    let mut is_named = vec![false; count + 1];
    for index in 0..count {
        // Mostly the next step that nothing leads to so far.
        let mut target = |random: &mut Random| {
            let waiting = (index + 1..=count).find(|&other| !is_named[other]);
            let any = index + 1 + random.below((count - index).min(3));
            let ahead = waiting.filter(|_| !random.one_in(3)).unwrap_or(any);
            is_named[ahead] = true;
            name(if random.one_in(60) {
                random.below(count + 1)
            } else {
                ahead
            })
        };
        let (suffix, tail) = match random.below(9) {
            0..=2 => ("", vec![target(random)]),
            3 | 4 => ("/2", vec![target(random)]),
            5 => ("", vec![target(random), target(random)]),
            6 => ("", vec![target(random), "foreach".to_owned()]),
            7 => ("", vec!["?".to_owned(), target(random), target(random)]),
            _ => ("", vec!["?".to_owned(), name(index), target(random)]),
        };
        lines.push(Line {
            head: name(index) + suffix,
            tail,
        });
    }
    lines.push(Line {
        head: "end".to_owned(),
        tail: Vec::new(),
    });
    lines
}

fn sound(random: &mut Random) -> Vec<Line> {
    let mut builder = Builder {
        random,
        lines: vec![line("start")],
    };
    let last = builder.block(0, 2);
    builder.lines[last].tail.push("end".to_owned());
    builder.lines.push(line("end"));
    builder.lines
}

fn line(head: impl Into<String>) -> Line {
    Line {
        head: head.into(),
        tail: Vec::new(),
    }
}

struct Builder<'a> {
    random: &'a mut Random,
    lines: Vec<Line>,
}

impl Builder<'_> {
    /// A new step, named so that the order by name has nothing to do with the order in the graph.
    fn add(&mut self, suffix: &str) -> usize {
        let name = format!("s{}{}", self.random.below(10), self.lines.len());
        self.lines.push(line(name + suffix));
        self.lines.len() - 1
    }

    fn name(&self, step: usize) -> String {
        self.lines[step]
            .head
            .split(['/', '@'])
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    fn link(&mut self, from: usize, to: &[&str]) {
        self.lines[from].tail = to.iter().map(ToString::to_string).collect();
    }

    /// Goes on from a step without a transition; gives back the last step, which has none.
    fn block(&mut self, mut at: usize, depth: usize) -> usize {
        for _ in 0..*self.random.pick(&[0, 1, 1, 2]) {
            if self.lines.len() > 14 {
                break;
            }
            at = self.part(at, depth);
        }
        at
    }

    fn part(&mut self, at: usize, depth: usize) -> usize {
        let is_join = self.lines[at].head.contains("/2");
        let kind = if is_join {
            0
        } else {
            self.random.below(if depth > 0 { 6 } else { 2 })
        };
        match kind {
            0 => {
                let next = self.add("");
                self.link(at, &[&self.name(next)]);
                next
            }
            1 => {
                let (repeat, next) = (self.add(""), self.add(""));
                let (repeat_name, next_name) = (self.name(repeat), self.name(next));
                self.link(at, &[&repeat_name]);
                self.link(repeat, &["?", &repeat_name, &next_name]);
                next
            }
            2 | 3 => self.branches(at, depth, kind == 2),
            4 => {
                let body = self.add("");
                self.link(at, &[&self.name(body), "foreach"]);
                let last = self.block(body, depth - 1);
                let join = self.add("/2");
                self.link(last, &[&self.name(join)]);
                join
            }
            _ => {
                let (body, join) = (self.add("@"), self.add("/2"));
                self.link(at, &[&self.name(body), "parallel"]);
                self.link(body, &[&self.name(join)]);
                join
            }
        }
    }

    fn branches(&mut self, at: usize, depth: usize, is_split: bool) -> usize {
        let heads: Vec<usize> = (0..2 + self.random.below(2)).map(|_| self.add("")).collect();
        let lasts: Vec<usize> = heads.iter().map(|&head| self.block(head, depth - 1)).collect();
        let after = self.add(if is_split { "/2" } else { "" });
        let mut names: Vec<String> = heads.iter().map(|&head| self.name(head)).collect();
        if !is_split {
            names.insert(0, "?".to_owned());
            if self.random.one_in(4) {
                names.push(self.name(after));
            }
        }
        self.lines[at].tail = names;
        for last in lasts {
            self.link(last, &[&self.name(after)]);
        }
        after
    }
}

fn damage(random: &mut Random, lines: &mut [Line]) {
    let names: Vec<String> = lines
        .iter()
        .map(|line| line.head.split(['/', '@']).next().unwrap_or_default().to_owned())
        .collect();
    let index = random.below(lines.len());
    let other = names[random.below(names.len())].clone();
    let kind = random.below(14);
    let line = &mut lines[index];
    match kind {
        0 => line.tail = vec![other],
        1 => line.tail.push(other),
        2 => line.head.clone_from(&names[index]),
        3 => line.head = format!("{}/2", names[index]),
        4 => line.tail.clear(),
        5 => line.tail.insert(0, "!".to_owned()),
        6 => line.tail = vec!["nowhere".to_owned()],
        7 => line.tail = vec!["?".to_owned(), other],
        8 => line.head = format!("{}@", names[index]),
        9 => line.head = format!("{}{}", names[index], random.pick(&["+start", "+end", "/0", "/3"])),
        // Renamed: the flow has no start or no end, or the others lead nowhere.
        10 => "other".clone_into(&mut line.head),
        11 if line.tail.len() == 1 => {
            let only = line.tail[0].clone();
            line.tail = vec!["?".to_owned(), only, other];
        }
        12 => {
            if let Some(last) = line.tail.last_mut() {
                *last = other;
            }
        }
        _ => {
            if line.tail.len() == 1 {
                line.tail
                    .push((*random.pick(&["foreach", "parallel"])).to_owned());
            }
        }
    }
}
