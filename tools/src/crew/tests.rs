use arch::Updates;

use super::*;

fn named(name: &str) -> Facts {
    let board = arch::Board::named(name).unwrap();
    Facts { identity: board.identity(0, 0), neurons_a_cycle: 1 }
}

fn member(board: &str) -> Member {
    let used = BoardUse::new(board.to_owned(), "icebreaker".to_owned());
    Member { jobs: Some(mpsc::channel().0), busy: true, used }
}

/// Two boards that nobody has a thread for: what they say is said by the test.
fn crew() -> Crew {
    let members = vec![member("first"), member("second")];
    Crew { members, reports: mpsc::channel().1, facts: named("icebreaker"), round: 7 }
}

fn done(round: u64, prediction: u16) -> News {
    let weight_bits = WeightBits::Eight;
    let network = Network { weight_bits, updates: Updates::Online, layers: vec![] };
    let parameters = Parameters { weight_bits, layers: vec![] };
    let job = Job {
        round,
        part: 0,
        work: Arc::new(Work { network, parameters, samples: Arc::default(), learn: false }),
        places: Arc::default(),
        noise_seed: 1,
        stop: Arc::default(),
        progress: Arc::default(),
    };
    let result = arch::protocol::SampleResult { prediction, spikes: 1, wrong_spikes: 0 };
    let (counts, cycles) = (Counts::default(), Cycles::default());
    News::Done(Box::new(job), Outcome { results: vec![result; 5], counts, cycles, parameters: None })
}

fn counted(crew: &Crew) -> [[u64; 4]; 2] {
    let numbers = |member: &Member| {
        let BoardUse { parts, recordings, taken_over, given_up, .. } = member.used;
        [parts, recordings, taken_over, given_up]
    };
    [0, 1].map(|at| numbers(&crew.members[at]))
}

#[test]
fn a_part_that_two_finish_counts_once_and_one_of_an_earlier_round_not_at_all() {
    let mut crew = crew();
    let mut dealing = Dealing::new(1);
    dealing.begin(0, Instant::now());
    dealing.lose(0);
    dealing.begin(1, Instant::now());
    let mut outcomes = vec![None];
    let say = |member, news| Report { member, news, link: None };
    crew.hear(say(0, done(6, 1)), &mut dealing, &mut outcomes);
    assert!(!crew.members[0].busy && outcomes[0].is_none());
    crew.hear(say(1, done(7, 2)), &mut dealing, &mut outcomes);
    crew.hear(say(0, done(7, 3)), &mut dealing, &mut outcomes);
    assert_eq!(outcomes[0].as_ref().unwrap().results[0].prediction, 2);
    assert_eq!(counted(&crew), [[0, 0, 0, 1], [1, 5, 1, 0]]);
}

#[test]
fn once_all_boards_are_lost_each_is_said_to_be_with_its_reason() {
    let mut crew = crew();
    let mut dealing = Dealing::new(1);
    for (member, why) in [(0, "its cable was pulled"), (1, "it is silent")] {
        crew.hear(Report { member, news: News::Lost(miette!("{why}")), link: None }, &mut dealing, &mut []);
    }
    let error = crew.deal(&mut dealing, &[]).unwrap_err().to_string();
    assert_eq!(error, "no board is left\nfirst: its cable was pulled\nsecond: it is silent");
}

#[test]
fn boards_are_alike_whatever_their_clocks() {
    let mut faster = named("icebreaker");
    faster.identity.capacity.clock_hz *= 2;
    assert!(alike(("a", &named("icebreaker")), ("b", &faster)).is_ok());
    faster.identity.capacity.classes += 1;
    let error = alike(("a", &named("icebreaker")), ("b", &faster)).unwrap_err().to_string();
    assert!(
        error.contains("b (`icebreaker`) has") && error.contains("classes, a (`icebreaker`) has"),
        "{error}"
    );
}
