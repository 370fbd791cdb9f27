package tidemark.peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The input: NDJSON in memory, read again and again; Jackson decodes the five fields and skips the others. */
final class Lines {
    private final byte[] bytes;
    /** Line i lies in bytes[starts[i], starts[i + 1] - 1). */
    private final int[] starts;
    private final JsonFactory factory = new JsonFactory();
    /** Decoded beforehand, where events shall be ready objects; else null. */
    private final Event[] ready;

    Lines(Path path, boolean decodeBefore) throws IOException {
        bytes = Files.readAllBytes(path);
        int count = 0;
        for (byte b : bytes) if (b == '\n') count += 1;
        starts = new int[count + 1];
        int line = 1;
        for (int i = 0; i < bytes.length; i += 1) if (bytes[i] == '\n') starts[line++] = i + 1;
        if (!decodeBefore) {
            ready = null;
            return;
        }
        Event[] events = new Event[count];
        for (int i = 0; i < count; i += 1) events[i] = decode(i);
        ready = events;
    }

    int size() {
        return starts.length - 1;
    }

    /** Event `line` in a pass that comes `later` ms later, at `position` of the whole input. */
    Event read(int line, long later, long position) throws IOException {
        if (ready == null) {
            Event event = decode(line);
            event.ts += later;
            event.position = position;
            return event;
        }
        Event event = ready[line];
        return new Event(event.ts + later, event.type, event.key, event.value, event.user, position);
    }

    private Event decode(int line) throws IOException {
        Event event = new Event();
        try (JsonParser parser = factory.createParser(bytes, starts[line], starts[line + 1] - starts[line])) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "ts": event.ts = parser.getLongValue(); break;
                    case "type": event.type = parser.getText(); break;
                    case "key": event.key = parser.getText(); break;
                    case "value": event.value = parser.getDoubleValue(); break;
                    case "user": event.user = parser.getText(); break;
                    default: parser.skipChildren();
                }
            }
        }
        return event;
    }
}
