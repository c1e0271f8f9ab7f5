// The main program around a model: commands on standard input, answers on standard output, numbers little-endian.
//
//   1  count:u32, count records of inputs        -> count records of outputs
//   2  until:u64, limit:u64, a record of inputs  -> reached:u8, cycles:u64, a record of outputs
//   3  length:u32, path                          -> 1:u8      a trace (VCD) from here on
//   4                                            -> 1:u8      no trace any more
//   5  receive:u32, transmit:u32, busy:u32, divider:u32, quiet:u32, limit:u64, until_idle:u8, count:u32, bytes
//                                                -> cycles:u64, idle:u8, count:u32, bytes
//   6  in_valid:u32, in_data:u32, out_ready:u32, in_ready:u32, out_valid:u32, out_data:u32, busy:u32, pauses:u8, quiet:u32,
//      limit:u64, count:u32, bytes                 -> cycles:u64, idle:u8, count:u32, bytes
//
// A record of outputs holds what they are in a cycle: with its inputs, before its rising edge. Command 2 clocks until an
// output whose bit is set in `until` is not 0, or `limit` cycles have passed; the cycle it stops in is not clocked.
// Command 5 is the host's end of a serial line: three bytes of the records are the model's pins, 0 or 1. It sends the bytes and
// notes what comes; with until_idle it goes on until for `quiet` cycles `busy` was 0 and no byte came, or `limit` cycles passed.
// Command 6 is the host's end of a byte stream with a handshake each way: three bytes of the inputs, four of the outputs. In `pauses` of
// 256 cycles, by chance, it offers nothing new or takes nothing. It goes on as command 5 does until the model is idle.
// The end of the input ends the program. What the model prints goes to standard error.
//
// ports.h, written for each model: INPUT_BYTES, OUTPUT_BYTES, CLOCKED, set_inputs, get_outputs, any_output.

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include "Vmodel.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

template <int BYTES> static inline uint64_t load(const uint8_t* from) {
    uint64_t value = 0;
    for (int at = 0; at < BYTES; ++at) value |= static_cast<uint64_t>(from[at]) << (8 * at);
    return value;
}

template <int BYTES> static inline void store(uint8_t* to, uint64_t value) {
    for (int at = 0; at < BYTES; ++at) to[at] = static_cast<uint8_t>(value >> (8 * at));
}

#include "ports.h"

static FILE* answers;

static void read_exactly(void* to, size_t count) {
    // A host that goes away is the ordinary end.
    if (count && fread(to, 1, count, stdin) != count) exit(0);
}

static void write_exactly(const void* from, size_t count) {
    if (count && fwrite(from, 1, count, answers) != count) exit(1);
}

template <int BYTES> static uint64_t read_number() {
    uint8_t bytes[BYTES];
    read_exactly(bytes, BYTES);
    return load<BYTES>(bytes);
}

class Bench {
public:
    Bench(int power_up, uint32_t seed) {
        context.randReset(power_up);
        context.randSeed(static_cast<int>(seed));
#if VM_TRACE
        context.traceEverOn(true);
#endif
        model = std::make_unique<Vmodel>(&context, "");
    }

    ~Bench() {
        stop_trace();
        model->final();
    }

    // The first half of a cycle: inputs are applied with the falling edge. Nothing in the designs works on that edge.
    void settle() {
#if CLOCKED
        model->clk = 0;
#endif
        model->eval();
        dump();
    }

    void clock() {
#if CLOCKED
        model->clk = 1;
        model->eval();
#endif
        dump();
    }

    void start_trace(const std::string& path) {
        stop_trace();
#if VM_TRACE
        if (!trace) {
            trace = std::make_unique<VerilatedVcdC>();
            model->trace(trace.get(), 99);
        }
        trace->open(path.c_str());
        if (!trace->isOpen()) {
            fprintf(stderr, "%s: cannot be written\n", path.c_str());
            exit(1);
        }
#endif
    }

    void stop_trace() {
#if VM_TRACE
        if (trace && trace->isOpen()) trace->close();
#endif
    }

    bool finished() const { return context.gotFinish(); }

private:
    void dump() {
#if VM_TRACE
        if (trace && trace->isOpen()) trace->dump(context.time());
#endif
        context.timeInc(1);
    }

    VerilatedContext context;  // before the model, which refers to it until it is gone

public:
    std::unique_ptr<Vmodel> model;

private:
#if VM_TRACE
    std::unique_ptr<VerilatedVcdC> trace;
#endif
};

// The host's end of a serial line: 8 data bits, a stop bit, `divider` cycles a bit.
class Line {
public:
    // The level that the host drives in this cycle.
    bool level(const std::vector<uint8_t>& bytes, uint32_t divider) {
        if (bits_left == 0 && sent < bytes.size()) {
            frame = 0x200u | static_cast<uint32_t>(bytes[sent++]) << 1;
            bits_left = 10;
            clocks = 0;
        }
        if (bits_left == 0) return true;
        const bool high = frame & 1;
        if (++clocks == divider) {
            clocks = 0;
            frame >>= 1;
            --bits_left;
        }
        return high;
    }

    bool all_sent(const std::vector<uint8_t>& bytes) const { return bits_left == 0 && sent == bytes.size(); }

    void begin() { sent = 0; }

    // Takes the level that the board drives in this cycle.
    void take(bool high, uint32_t divider, std::vector<uint8_t>& received) {
        if (bits_to_come == 0) {
            if (!high) {
                bits_to_come = 10;
                wait = divider / 2;
            }
        } else if (--wait == 0) {
            wait = divider;
            shift = shift >> 1 | (high ? 0x200u : 0u);
            // A byte without its stop bit is none.
            if (--bits_to_come == 0 && high) received.push_back(static_cast<uint8_t>(shift >> 1));
        }
    }

    bool receiving() const { return bits_to_come != 0; }

private:
    size_t sent = 0;
    uint32_t frame = 0, bits_left = 0, clocks = 0, shift = 0, bits_to_come = 0, wait = 0;
};

// Arguments: the state at power-up (0: zeros, 1: ones, 2: random) and the seed of the random one.
int main(int argc, char** argv) {
    // $display of the model must not get between the answers.
    answers = fdopen(dup(1), "wb");
    if (!answers || dup2(2, 1) < 0) return 1;
    setvbuf(answers, nullptr, _IOFBF, 1 << 16);
    setvbuf(stdin, nullptr, _IOFBF, 1 << 16);
    Bench bench(argc > 1 ? atoi(argv[1]) : 0, argc > 2 ? static_cast<uint32_t>(strtoul(argv[2], nullptr, 10)) : 1);
    Vmodel& model = *bench.model;
    std::vector<uint8_t> inputs, outputs(OUTPUT_BYTES + 1);
    Line line;
    uint32_t chance = 1;
    for (int command; (command = getchar()) != EOF;) {
        switch (command) {
        case 1: {
            // All inputs are read before the first answer is written: neither side waits for the other to read.
            const uint64_t count = read_number<4>();
            inputs.resize(count * INPUT_BYTES + 1);
            read_exactly(inputs.data(), count * INPUT_BYTES);
            for (uint64_t at = 0; at < count; ++at) {
                set_inputs(model, &inputs[at * INPUT_BYTES]);
                bench.settle();
                get_outputs(model, outputs.data());
                write_exactly(outputs.data(), OUTPUT_BYTES);
                bench.clock();
            }
            break;
        }
        case 2: {
            const uint64_t until = read_number<8>();
            const uint64_t limit = read_number<8>();
            inputs.resize(INPUT_BYTES + 1);
            read_exactly(inputs.data(), INPUT_BYTES);
            set_inputs(model, inputs.data());
            uint64_t cycles = 0;
            bool reached;
            for (;; ++cycles) {
                bench.settle();
                reached = any_output(model, until);
                if (reached || cycles == limit) break;
                bench.clock();
            }
            uint8_t head[9] = {reached};
            store<8>(head + 1, cycles);
            write_exactly(head, sizeof head);
            get_outputs(model, outputs.data());
            write_exactly(outputs.data(), OUTPUT_BYTES);
            break;
        }
        case 3: {
            std::string path(read_number<4>(), ' ');
            read_exactly(&path[0], path.size());
            bench.start_trace(path);
            const uint8_t done = 1;
            write_exactly(&done, 1);
            break;
        }
        case 4: {
            bench.stop_trace();
            const uint8_t done = 1;
            write_exactly(&done, 1);
            break;
        }
        case 5: {
            const uint64_t receive = read_number<4>(), transmit = read_number<4>(), busy = read_number<4>();
            const uint32_t divider = static_cast<uint32_t>(read_number<4>());
            const uint64_t quiet = read_number<4>(), limit = read_number<8>();
            const bool until_idle = read_number<1>();
            std::vector<uint8_t> bytes(read_number<4>()), received;
            read_exactly(bytes.data(), bytes.size());
            if (receive >= INPUT_BYTES || transmit >= OUTPUT_BYTES || busy >= OUTPUT_BYTES || divider < 2) {
                fprintf(stderr, "no such pins\n");
                return 1;
            }
            inputs.assign(INPUT_BYTES + 1, 0);
            line.begin();
            uint64_t cycles = 0, silent = 0;
            for (;; ++cycles) {
                if (line.all_sent(bytes) && (!until_idle || silent >= quiet)) break;
                if (cycles == limit) break;
                inputs[receive] = line.level(bytes, divider);
                set_inputs(model, inputs.data());
                bench.settle();
                get_outputs(model, outputs.data());
                line.take(outputs[transmit], divider, received);
                silent = outputs[busy] || line.receiving() ? 0 : silent + 1;
                bench.clock();
            }
            uint8_t head[13] = {};
            store<8>(head, cycles);
            head[8] = silent >= quiet;
            store<4>(head + 9, received.size());
            write_exactly(head, sizeof head);
            write_exactly(received.data(), received.size());
            break;
        }
        case 6: {
            size_t places[7];
            for (size_t& place : places) place = read_number<4>();
            const auto [in_valid, in_data, out_ready, in_ready, out_valid, out_data, busy] = places;
            const uint32_t pauses = static_cast<uint32_t>(read_number<1>());
            const uint64_t quiet = read_number<4>(), limit = read_number<8>();
            std::vector<uint8_t> bytes(read_number<4>()), received;
            read_exactly(bytes.data(), bytes.size());
            for (size_t at = 0; at < 7; ++at) {
                if (places[at] >= (at < 3 ? INPUT_BYTES : OUTPUT_BYTES)) {
                    fprintf(stderr, "no such pins\n");
                    return 1;
                }
            }
            inputs.assign(INPUT_BYTES + 1, 0);
            uint64_t cycles = 0, silent = 0;
            size_t sent = 0;
            for (;; ++cycles) {
                if (sent == bytes.size() && !inputs[in_valid] && silent >= quiet) break;
                if (cycles == limit) break;
                chance ^= chance << 13;
                chance ^= chance >> 17;
                chance ^= chance << 5;
                if (!inputs[in_valid] && sent < bytes.size() && (chance & 255) >= pauses) {
                    inputs[in_valid] = 1;
                    inputs[in_data] = bytes[sent++];
                }
                inputs[out_ready] = (chance >> 8 & 255) >= pauses;
                set_inputs(model, inputs.data());
                bench.settle();
                get_outputs(model, outputs.data());
                if (outputs[in_ready]) inputs[in_valid] = 0;
                if (outputs[out_valid] && inputs[out_ready]) received.push_back(outputs[out_data]);
                silent = outputs[busy] || outputs[out_valid] ? 0 : silent + 1;
                bench.clock();
            }
            uint8_t head[13] = {};
            store<8>(head, cycles);
            head[8] = sent == bytes.size() && !inputs[in_valid] && silent >= quiet;
            store<4>(head + 9, received.size());
            write_exactly(head, sizeof head);
            write_exactly(received.data(), received.size());
            break;
        }
        default: fprintf(stderr, "%d is no command\n", command); return 1;
        }
        if (fflush(answers)) return 1;
        if (bench.finished()) {
            fprintf(stderr, "the model ended with $finish\n");
            return 1;
        }
    }
    return 0;
}
