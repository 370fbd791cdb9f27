package tidemark.peers;

/** One event as Flink's POJO serialiser wants it: the five fields that are decoded, and the position in the input. */
public final class Event {
    public long ts;
    public String type;
    public String key;
    public double value;
    public String user;
    public long position;

    public Event() {}

    public Event(long ts, String type, String key, double value, String user, long position) {
        this.ts = ts;
        this.type = type;
        this.key = key;
        this.value = value;
        this.user = user;
        this.position = position;
    }
}
