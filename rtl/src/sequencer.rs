//! Sequencer: which pass runs, and what follows it.
//!
//! Latency: a command is taken while not `busy`; `done` in its last cycle. Throughput: one command at a time.
//! Handshake: the passes' own, `start_…` and their ends. Reset: none needed; after configuration it wipes.
//!
//! ```text
//!   begin   clear each layer                           Load, Clear
//!   step    up: each layer                             Load, Integrate, Fire (traces beside it)
//!           down, while there are errors               Load, Learn, Update
//!   teach   down, with the errors that the host wrote  the same
//!   end     the sample is counted
//!   forget  the counters                               Forget
//! ```

use crate::prelude::*;

/// What the engine is doing.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Phase {
    /// Clears memories word by word: all after configuration, those of state when a network is activated.
    Wipe,
    /// Nothing.
    Idle,
    /// Reads a layer's record.
    Load,
    /// Clears a layer for a new sample.
    Clear,
    /// F1.
    Integrate,
    /// F2 to F4, B1.
    Fire,
    /// Goes on to the next layer, up or down.
    Turn,
    /// B2, B3.
    Learn,
    /// Writes what is left of the bitmap of errors.
    Flush,
    /// B4.
    Update,
    /// Waits for the last counts.
    Settle,
    /// Clears the counters.
    Forget,
}

/// What a layer's record is loaded for.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Goal {
    /// To clear it.
    Clear,
    /// To compute it.
    Up,
    /// To let it learn.
    Down,
}

/// `TA` address bits of the layer table, 16 words a layer; `PA` of the largest memory, `SA` of the largest memory of state.
#[derive(LogicBlock)]
pub struct Sequencer<const TA: usize, const PA: usize, const SA: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// A network becomes active.
    pub activate: Signal<In, Bit>,
    /// A sample begins.
    pub begin_sample: Signal<In, Bit>,
    /// It learns.
    pub learning: Signal<In, Bit>,
    /// Layers of the network.
    pub layers: Signal<In, Bits<TA>>,
    /// A time step.
    pub step: Signal<In, Bit>,
    /// It has a loss.
    pub with_loss: Signal<In, Bit>,
    /// It has events.
    pub any_event: Signal<In, Bit>,
    /// The output layer has the host's errors.
    pub teach: Signal<In, Bit>,
    /// The sample is over.
    pub end_sample: Signal<In, Bit>,
    /// The counters begin anew.
    pub forget: Signal<In, Bit>,
    /// A command is being executed.
    pub busy: Signal<Out, Bit>,
    /// Its last cycle.
    pub done: Signal<Out, Bit>,

    /// The layer learns: bit 0 W, 1 θ, 2 α.
    pub parameters: Signal<In, Bits<3>>,
    /// The record is there.
    pub loaded: Signal<In, Bit>,
    /// The neuron pass is over.
    pub neurons_done: Signal<In, Bit>,
    /// The trace pass is over.
    pub traces_done: Signal<In, Bit>,
    /// The pass over the updates is over.
    pub updates_done: Signal<In, Bit>,
    /// All is counted.
    pub settled: Signal<In, Bit>,
    /// A neuron spikes.
    pub fired: Signal<In, Bit>,
    /// Rows, or words in the lanes, or a δ.
    pub rows_busy: Signal<In, Bit>,
    /// Words on their way through the lanes.
    pub lanes_busy: Signal<In, Bit>,
    /// The layer that was done last has an error, or the one below it.
    pub any_errors: Signal<In, Bit>,

    /// Phases.
    pub wiping: Signal<Out, Bit>,
    /// See [`Phase::Clear`].
    pub clearing: Signal<Out, Bit>,
    /// See [`Phase::Integrate`].
    pub integrating: Signal<Out, Bit>,
    /// [`Phase::Fire`] or [`Phase::Clear`]: passes over neurons and traces.
    pub firing: Signal<Out, Bit>,
    /// See [`Phase::Learn`].
    pub back: Signal<Out, Bit>,
    /// See [`Phase::Flush`].
    pub flushing: Signal<Out, Bit>,
    /// See [`Phase::Update`].
    pub updating: Signal<Out, Bit>,
    /// See [`Phase::Settle`].
    pub settling: Signal<Out, Bit>,
    /// See [`Phase::Forget`].
    pub forgetting: Signal<Out, Bit>,
    /// See [`Phase::Turn`].
    pub turning: Signal<Out, Bit>,
    /// The layer has fired.
    pub has_fired: Signal<Out, Bit>,
    /// A sample begins in this cycle.
    pub begins: Signal<Out, Bit>,
    /// A sample is over in this cycle.
    pub ends: Signal<Out, Bit>,
    /// A step begins in this cycle.
    pub steps: Signal<Out, Bit>,
    /// The host's errors begin to go down in this cycle.
    pub teaches: Signal<Out, Bit>,
    /// Loads the record of layer `number`.
    pub load: Signal<Out, Bit>,
    /// The layer.
    pub number: Signal<Out, Bits<TA>>,
    /// It is the lowest.
    pub first_layer: Signal<Out, Bit>,
    /// The sample learns.
    pub learns: Signal<Out, Bit>,
    /// The step has a loss.
    pub loss: Signal<Out, Bit>,
    /// What learns now: bit 0 W, 1 θ, 2 α.
    pub learn: Signal<Out, Bits<3>>,
    /// Something spiked below the layer in this step.
    pub source_spiked: Signal<Out, Bit>,
    /// Starts the scanner.
    pub start_scan: Signal<Out, Bit>,
    /// Starts the rows.
    pub start_rows: Signal<Out, Bit>,
    /// Starts the neuron pass.
    pub start_neurons: Signal<Out, Bit>,
    /// Starts the trace pass.
    pub start_traces: Signal<Out, Bit>,
    /// Starts the updates.
    pub start_updates: Signal<Out, Bit>,
    /// Begins a list of words with errors.
    pub restart_errors: Signal<Out, Bit>,
    /// Weights are wiped, too: only after configuration.
    pub fresh: Signal<Out, Bit>,
    /// Address to wipe.
    pub wipe_address: Signal<Out, Bits<16>>,

    now: DFF<Phase>,
    goal: DFF<Goal>,
    number_now: DFF<Bits<TA>>,
    last: DFF<Bits<TA>>,
    /// The passes of the phase have been started.
    started: DFF<Bit>,
    neurons_over: DFF<Bit>,
    traces_over: DFF<Bit>,
    below_spiked: DFF<Bit>,
    spiked: DFF<Bit>,
    learns_now: DFF<Bit>,
    loss_now: DFF<Bit>,
    fresh_now: DFF<Bit>,
    wiped: DFF<Bits<16>>,
    idle: Signal<Local, Bit>,
    up: Signal<Local, Bit>,
    down: Signal<Local, Bit>,
    lowest: Signal<Local, Bit>,
    learning_now: Signal<Local, Bits<3>>,
    next_wiped: Signal<Local, Bits<16>>,
    next_number: Signal<Local, Bits<TA>>,
    layer_bits: Constant<Bits<TA>>,
    last_wipe: Constant<Bits<16>>,
    last_state: Constant<Bits<16>>,
    last_counter: Constant<Bits<16>>,
}

crate::default_block!(Sequencer<TA, PA, SA> {
    now: DFF::new(Phase::Wipe),
    fresh_now: DFF::new(true),
    layer_bits: Constant::new(Bits::wrapped((1 << (TA - 4)) - 1)),
    last_wipe: Constant::new(Bits::wrapped((1 << PA) - 1)),
    last_state: Constant::new(Bits::wrapped((1 << SA) - 1)),
    last_counter: Constant::new(63.into()),
} {
    clock, activate, begin_sample, learning, layers, step, with_loss, any_event, teach, end_sample, forget, busy, done, parameters, loaded,
    neurons_done, traces_done, updates_done, settled, fired, rows_busy, lanes_busy, any_errors, wiping, clearing, integrating,
    firing, back, flushing, updating, settling, forgetting, turning, has_fired, begins, steps, teaches, load, number, first_layer, learns, loss, learn, source_spiked,
    start_scan, start_rows, start_neurons, start_traces, start_updates, restart_errors, ends, fresh, wipe_address,
    goal, number_now, last, started, neurons_over, traces_over, below_spiked, spiked, learns_now, loss_now, wiped, idle, up,
    down, lowest, learning_now, next_wiped, next_number
});

impl<const TA: usize, const PA: usize, const SA: usize> Logic for Sequencer<TA, PA, SA> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, now, goal, number_now, last, started, neurons_over, traces_over);
        dff_setup!(self, clock, below_spiked, spiked, learns_now, loss_now, fresh_now, wiped);
        self.idle.next = self.now.q.val() == Phase::Idle;
        self.begins.next = self.idle.val() && self.begin_sample.val();
        self.steps.next = self.idle.val() && self.step.val();
        self.teaches.next = self.idle.val() && self.teach.val();
        self.ends.next = self.idle.val() && self.end_sample.val();
        self.busy.next = !self.idle.val();
        self.wiping.next = self.now.q.val() == Phase::Wipe;
        self.clearing.next = self.now.q.val() == Phase::Clear;
        self.integrating.next = self.now.q.val() == Phase::Integrate;
        self.firing.next = (self.now.q.val() == Phase::Fire) || (self.now.q.val() == Phase::Clear);
        self.back.next = self.now.q.val() == Phase::Learn;
        self.flushing.next = self.now.q.val() == Phase::Flush;
        self.updating.next = self.now.q.val() == Phase::Update;
        self.settling.next = self.now.q.val() == Phase::Settle;
        self.forgetting.next = self.now.q.val() == Phase::Forget;
        self.turning.next = self.now.q.val() == Phase::Turn;
        self.has_fired.next = self.turning.val() && (self.goal.q.val() == Goal::Up);
        self.number.next = self.number_now.q.val();
        self.lowest.next = !self.number_now.q.val().any();
        self.first_layer.next = self.lowest.val();
        self.learns.next = self.learns_now.q.val();
        self.loss.next = self.loss_now.q.val();
        self.learning_now.next = 0.into();
        if self.learns_now.q.val() {
            self.learning_now.next = self.parameters.val();
        }
        self.learn.next = self.learning_now.val();
        self.source_spiked.next = self.below_spiked.q.val();
        self.fresh.next = self.fresh_now.q.val();

        // What a command brings, and what the passes say.
        if self.begins.val() {
            self.learns_now.d.next = self.learning.val();
            self.last.d.next = (self.layers.val() - 1) & self.layer_bits.val();
        }
        if self.steps.val() {
            self.loss_now.d.next = self.with_loss.val();
        }
        if self.neurons_done.val() {
            self.neurons_over.d.next = true;
        }
        if self.traces_done.val() {
            self.traces_over.d.next = true;
        }
        if self.fired.val() {
            self.spiked.d.next = true;
        }

        // The address to wipe, and the layer.
        self.wipe_address.next = self.wiped.q.val();
        self.next_wiped.next = (self.wiped.q.val() + 1) & self.last_wipe.val();
        if self.idle.val() {
            self.wiped.d.next = 0.into();
        } else if self.started.q.val() {
            self.wiped.d.next = self.next_wiped.val();
        }
        self.up.next = false;
        self.down.next = false;
        self.load.next = self.begins.val() || self.steps.val();

        self.done.next = false;
        self.start_scan.next = false;
        self.start_rows.next = false;
        self.start_neurons.next = false;
        self.start_traces.next = false;
        self.start_updates.next = false;
        self.restart_errors.next = self.steps.val();
        match self.now.q.val() {
            Phase::Wipe => {
                // The first word is cleared twice: the lanes' results are undefined after configuration.
                self.started.d.next = true;
                if (self.wiped.q.val() == self.last_wipe.val())
                    || (!self.fresh_now.q.val() && (self.wiped.q.val() == self.last_state.val()))
                {
                    self.fresh_now.d.next = false;
                    self.started.d.next = false;
                    self.now.d.next = Phase::Idle;
                    self.done.next = true;
                }
            }
            Phase::Idle => {
                if self.activate.val() {
                    self.now.d.next = Phase::Wipe;
                }
                if self.begin_sample.val() {
                    self.goal.d.next = Goal::Clear;
                    self.now.d.next = Phase::Load;
                }
                if self.step.val() {
                    self.below_spiked.d.next = self.any_event.val();
                    self.goal.d.next = Goal::Up;
                    self.now.d.next = Phase::Load;
                }
                if self.teach.val() {
                    // The record of the output layer is still there.
                    self.goal.d.next = Goal::Down;
                    self.now.d.next = Phase::Settle;
                    if self.any_errors.val() {
                        self.now.d.next = Phase::Learn;
                    }
                }
                if self.end_sample.val() {
                    self.now.d.next = Phase::Settle;
                }
                if self.forget.val() {
                    self.started.d.next = true;
                    self.now.d.next = Phase::Forget;
                }
            }
            Phase::Load => {
                self.started.d.next = false;
                self.neurons_over.d.next = false;
                self.traces_over.d.next = false;
                self.spiked.d.next = false;
                if self.loaded.val() {
                    match self.goal.q.val() {
                        Goal::Clear => {
                            self.now.d.next = Phase::Clear;
                        }
                        Goal::Up => {
                            self.now.d.next = Phase::Fire;
                            if self.below_spiked.q.val() {
                                self.now.d.next = Phase::Integrate;
                            }
                        }
                        Goal::Down => {
                            self.now.d.next = Phase::Learn;
                        }
                    }
                }
            }
            Phase::Integrate => {
                self.started.d.next = true;
                if !self.started.q.val() {
                    self.start_scan.next = true;
                    self.start_rows.next = true;
                } else if !self.rows_busy.val() && !self.lanes_busy.val() {
                    self.started.d.next = false;
                    self.now.d.next = Phase::Fire;
                }
            }
            Phase::Clear => {
                self.started.d.next = true;
                if !self.started.q.val() {
                    self.start_neurons.next = true;
                    self.start_scan.next = true;
                    self.start_traces.next = true;
                } else if self.neurons_over.q.val() && self.traces_over.q.val() && !self.lanes_busy.val() {
                    self.now.d.next = Phase::Turn;
                }
            }
            Phase::Fire => {
                self.started.d.next = true;
                if !self.started.q.val() {
                    self.start_neurons.next = true;
                    self.start_scan.next = self.learning_now.val().get_bit(0);
                    self.start_traces.next = self.learning_now.val().get_bit(0);
                } else if self.neurons_over.q.val()
                    && (self.traces_over.q.val() || !self.learning_now.val().get_bit(0))
                    && !self.lanes_busy.val()
                {
                    self.now.d.next = Phase::Turn;
                }
            }
            Phase::Turn => {
                self.started.d.next = false;
                match self.goal.q.val() {
                    Goal::Clear => {
                        self.up.next = self.number_now.q.val() != self.last.q.val();
                    }
                    Goal::Up => {
                        self.up.next = self.number_now.q.val() != self.last.q.val();
                        self.below_spiked.d.next = self.spiked.q.val();
                    }
                    Goal::Down => {
                        self.down.next = !self.lowest.val() && self.any_errors.val();
                    }
                }
                if self.up.val() || self.down.val() {
                    self.load.next = true;
                    self.now.d.next = Phase::Load;
                } else if (self.goal.q.val() == Goal::Up)
                    && self.learns_now.q.val()
                    && self.loss_now.q.val()
                    && self.any_errors.val()
                {
                    // The record of the output layer is there already.
                    self.goal.d.next = Goal::Down;
                    self.now.d.next = Phase::Learn;
                } else {
                    self.now.d.next = Phase::Settle;
                }
            }
            Phase::Learn => {
                self.started.d.next = true;
                if !self.started.q.val() {
                    self.start_scan.next = true;
                    self.start_rows.next = true;
                    self.restart_errors.next = true;
                } else if !self.rows_busy.val() && !self.lanes_busy.val() {
                    self.started.d.next = false;
                    self.now.d.next = Phase::Flush;
                }
            }
            Phase::Flush => {
                self.now.d.next = Phase::Turn;
                if self.learning_now.val().get_bit(1) || self.learning_now.val().get_bit(2) {
                    self.now.d.next = Phase::Update;
                }
            }
            Phase::Update => {
                self.started.d.next = true;
                if !self.started.q.val() {
                    self.start_scan.next = true;
                    self.start_updates.next = true;
                } else if self.updates_done.val() {
                    self.now.d.next = Phase::Turn;
                }
            }
            Phase::Settle => {
                if self.settled.val() {
                    self.now.d.next = Phase::Idle;
                    self.done.next = true;
                }
            }
            Phase::Forget => {
                if self.wiped.q.val() == self.last_counter.val() {
                    self.started.d.next = false;
                    self.now.d.next = Phase::Idle;
                    self.done.next = true;
                }
            }
        }
        self.next_number.next = self.number_now.q.val() + 1;
        if self.down.val() {
            self.next_number.next = self.number_now.q.val() - 1;
        }
        if self.idle.val() {
            self.number_now.d.next = 0.into();
            if self.teach.val() {
                self.number_now.d.next = self.last.q.val();
            }
        } else if self.up.val() || self.down.val() {
            self.number_now.d.next = self.next_number.val() & self.layer_bits.val();
        }
    }
}
