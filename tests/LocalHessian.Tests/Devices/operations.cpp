// Counts the operations that libtorch is asked for, by name, without libtorch's headers: the few types of at::RecordFunction are declared by hand,
// as they are in libtorch 2.x. Operations that others call inside count only for "all"; those that a script calls count as if called directly.
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace c10 {
template <class T> struct ArrayRef { const T* data; size_t length; };
}

namespace at {
struct ObserverContext { virtual ~ObserverContext() = default; };

struct RecordFunction {
    const char* name() const;
    const char* overload_name() const;
};

struct RecordFunctionCallback {
    using Start = std::unique_ptr<ObserverContext> (*)(const RecordFunction&);
    using End = void (*)(const RecordFunction&, ObserverContext*);
    Start start;
    End end;
    double sampling_probability = 1;
    std::array<bool, 10> scopes{};
    bool needs_inputs = false, needs_outputs = false, needs_ids = false;
};

uint64_t addGlobalCallback(RecordFunctionCallback);
}

namespace torch::lazy {
struct BackendDevice;

struct LazyGraphExecutor {
    static LazyGraphExecutor* Get();
    void SyncLiveTensorsGraph(const BackendDevice* device, c10::ArrayRef<std::string> devices, bool wait);
};
}

static std::mutex gate;
static std::map<std::string, long> outer, all;
static bool counting = false, keep_draws = false;
static std::atomic<bool> evaluating{false};
static thread_local int depth = 0;

static std::unique_ptr<at::ObserverContext> start(const at::RecordFunction& function) {
    if (counting) {
        std::lock_guard<std::mutex> lock(gate);
        std::string name = function.name();
        const char* overload = function.overload_name();
        if (overload && *overload) name += std::string(".") + overload;
        all[name]++;
        if (depth == 0) outer[name]++;
    }

    depth++;
    return nullptr;
}

extern "C" void operations_evaluate() {
    if (evaluating.exchange(true)) return;
    torch::lazy::LazyGraphExecutor::Get()->SyncLiveTensorsGraph(nullptr, {nullptr, 0}, true);
    evaluating = false;
}

static bool draws(const std::string& name) {
    for (auto part : {"rand", "normal", "uniform", "bernoulli", "dropout", "exponential", "multinomial"})
        if (name.find(part) != std::string::npos) return true;
    return false;
}

static void end(const at::RecordFunction& function, at::ObserverContext*) {
    depth--;
    // The lazy device draws anew at each read what it has not evaluated. Evaluation draws too, on another thread.
    if (keep_draws && depth == 0 && draws(function.name())) operations_evaluate();
}

extern "C" {
void operations_watch() {
    at::RecordFunctionCallback callback;
    callback.start = start;
    callback.end = end;
    callback.scopes[0] = true; // functions
    at::addGlobalCallback(callback);
}

void operations_keep_draws() { keep_draws = true; }

void operations_start() {
    std::lock_guard<std::mutex> lock(gate);
    outer.clear();
    all.clear();
    counting = true;
}

// Lines "name count", those called directly first, then an empty line, then all.
int operations_stop(char* buffer, int size) {
    std::lock_guard<std::mutex> lock(gate);
    counting = false;
    std::string text;
    for (auto& entry : outer) text += entry.first + " " + std::to_string(entry.second) + "\n";
    text += "\n";
    for (auto& entry : all) text += entry.first + " " + std::to_string(entry.second) + "\n";
    if ((int)text.size() < size) std::memcpy(buffer, text.c_str(), text.size() + 1);
    return (int)text.size();
}
}
