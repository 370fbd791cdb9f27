package tidemark.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cep.CEP;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.Collector;

/**
 * Flink CEP as a contender: one job in one JVM that goes on from round to round and tells what each round took.
 *
 * Protocol  a line `round N` on standard input: N events go in, and when the watermark behind them has come out of the
 *           pattern's operator, one line of JSON answers: wall and processor time (of the whole process, JIT and
 *           collector included), matches and their checksum so far. While it runs, a line a second tells the progress.
 * Set-up    parallelism 1, object reuse, POJO serialiser (generic types refused), watermarks as ours: after every 1,024
 *           events the newest time - 1, after a round its newest time.
 */
public final class FlinkPeer {
    private static final int EVENTS_OF_WATERMARK = 1_024;

    /** Between the command loop and the job's threads; all of it runs in this JVM. */
    private static final SynchronousQueue<Long> COMMANDS = new SynchronousQueue<>();
    private static final SynchronousQueue<Boolean> DONE = new SynchronousQueue<>();
    private static final AtomicLong FED = new AtomicLong();
    private static volatile long awaited = Long.MAX_VALUE;
    private static Lines lines;
    private static long spanMs;

    // Written by the job's last operator, read when its round is over.
    private static volatile long matches;
    private static volatile int checksum;
    private static volatile Throwable failure;

    private FlinkPeer() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) options.put(args[i].substring(2), args[i + 1]);
        lines = new Lines(Path.of(options.get("input")), options.get("form").equals("objects"));
        spanMs = Long.parseLong(options.get("span"));

        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, options.get("backend"));
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        long checkpointMs = Long.parseLong(options.getOrDefault("checkpoint", "0"));
        if (checkpointMs > 0) {
            configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(checkpointMs));
            configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, options.get("backend").equals("rocksdb"));
            configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
            configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, Path.of(options.get("scratch")).toUri().toString());
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        build(environment, options);
        Thread job = new Thread(() -> {
            try {
                environment.execute("peer");
            } catch (Throwable thrown) {
                failure = thrown;
                System.out.println("{\"error\":\"" + String.valueOf(thrown).replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}");
                System.exit(1);
            }
        });
        job.setDaemon(true);
        job.start();
        System.out.println("{\"ready\":true}");
        serve();
        System.exit(0);
    }

    private static void serve() throws IOException, InterruptedException {
        startProgress();
        com.sun.management.OperatingSystemMXBean system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            long events = Long.parseLong(line.substring("round ".length()));
            long cpu = system.getProcessCpuTime();
            long wall = System.nanoTime();
            COMMANDS.put(events);
            DONE.take();
            System.out.println("{\"events\":" + events + ",\"wallMs\":" + (System.nanoTime() - wall) / 1e6 + ",\"cpuMs\":" + (system.getProcessCpuTime() - cpu) / 1e6
                + ",\"matches\":" + matches + ",\"checksum\":" + checksum + "}");
        }
    }

    private static void startProgress() {
        Thread progress = new Thread(() -> {
            try {
                for (;;) {
                    Thread.sleep(1_000);
                    System.out.println("{\"progress\":" + FED.get() + "}");
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        progress.setDaemon(true);
        progress.start();
    }

    private static void build(StreamExecutionEnvironment environment, Map<String, String> options) {
        DataStream<Event> events = environment.addSource(new Source(), "events", TypeInformation.of(Event.class));
        DataStream<Event> keyed = options.get("keyed").equals("true") ? events.keyBy(event -> event.key, Types.STRING) : events;
        CEP.pattern(keyed, pattern(options))
            .inEventTime()
            .process(new Digest(), Types.INT)
            .transform("probe", Types.INT, new Probe())
            .addSink(new Nothing());
    }

    /** Stages by type, one after the other, within a window. */
    private static Pattern<Event, ?> pattern(Map<String, String> options) {
        String[] stages = options.get("stages").split(",");
        boolean any = options.get("link").equals("any");
        Pattern<Event, Event> pattern = Pattern.<Event>begin(stages[0], AfterMatchSkipStrategy.noSkip()).where(SimpleCondition.of(new OfType(stages[0])));
        for (int i = 1; i < stages.length; i += 1) {
            pattern = (any ? pattern.followedByAny(stages[i]) : pattern.followedBy(stages[i])).where(SimpleCondition.of(new OfType(stages[i])));
        }
        return pattern.within(Duration.ofMillis(Long.parseLong(options.get("within"))));
    }

    private static final class OfType implements org.apache.flink.api.common.functions.FilterFunction<Event> {
        private static final long serialVersionUID = 1L;
        private final String type;

        OfType(String type) {
            this.type = type;
        }

        @Override
        public boolean filter(Event event) {
            return event.type.equals(type);
        }
    }

    /** Takes commands: so many events, then the watermark that lets them all through. */
    private static final class Source implements SourceFunction<Event> {
        private static final long serialVersionUID = 1L;
        private volatile boolean running = true;

        @Override
        public void run(SourceContext<Event> context) throws Exception {
            long position = 0;
            while (running) {
                long events = COMMANDS.take();
                long newest = 0;
                for (long end = position + events; position < end && running; position += 1) {
                    Event event = lines.read((int) (position % lines.size()), position / lines.size() * spanMs, position);
                    newest = event.ts;
                    context.collectWithTimestamp(event, newest);
                    if ((position + 1) % EVENTS_OF_WATERMARK == 0) {
                        context.emitWatermark(new Watermark(newest - 1));
                        FED.set(position + 1);
                    }
                }
                FED.set(position);
                awaited = newest;
                context.emitWatermark(new Watermark(newest));
            }
        }

        @Override
        public void cancel() {
            running = false;
        }
    }

    /** Adds each match to a checksum that does not depend on their order; the same as ours. */
    private static final class Digest extends PatternProcessFunction<Event, Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processMatch(Map<String, List<Event>> match, Context context, Collector<Integer> out) {
            int number = 0;
            for (List<Event> events : match.values()) for (Event event : events) number = number * 31 + (int) event.position;
            out.collect(number);
        }
    }

    /** Counts, and says when the watermark of a round has come through. */
    private static final class Probe extends AbstractStreamOperator<Integer> implements OneInputStreamOperator<Integer, Integer> {
        private static final long serialVersionUID = 1L;
        private long count;
        private int sum;

        @Override
        public void processElement(StreamRecord<Integer> element) {
            count += 1;
            sum += element.getValue() * 0x9e3779b1;
        }

        @Override
        public void processWatermark(Watermark mark) throws Exception {
            super.processWatermark(mark);
            if (mark.getTimestamp() < awaited) return;
            awaited = Long.MAX_VALUE;
            matches = count;
            checksum = sum;
            DONE.put(true);
        }
    }

    private static final class Nothing implements SinkFunction<Integer> {
        private static final long serialVersionUID = 1L;
    }
}
