package dev.tokenbroker.door;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.impl.ConnectionBase;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The bytes held of requests that have not arrived whole, or wait for those before them on their
 * connection, or to be read, their heads among them: {@value #MOST} at most at each door, so that
 * those who send slowly, or nothing but heads, fill no memory, and shut no other door; and a
 * quarter of that of each connection, lest it be one alone that leaves no room for others. Safe for
 * use by several event loops; never waits.
 */
@Singleton
public final class ArrivingBytes {

  public static final long MOST = 32L * 1024 * 1024;

  private static final int CONNECTIONS_THAT_FILL_IT = 4;

  /** What the objects take that are made of any request: a thousand of them fit one connection. */
  static final int REQUEST_BYTES = 4 * 1024;

  /** What a header takes beside its characters: over HTTP/2 it may have come in a single byte. */
  private static final int HEADER_BYTES = 48;

  /** Where requests come in. */
  public enum Door {
    GRPC,
    HTTP
  }

  /** What one connection holds at one door; confined to the event loop of the connection. */
  public final class Share {

    private final Door door;
    private long bytes;

    private Share(Door door) {
      this.door = door;
    }

    /** As {@link ArrivingBytes#hold}, where it is too many for one connection, too. */
    public boolean hold(int more) {
      bytes += more;
      return ArrivingBytes.this.hold(door, more) && bytes <= most / CONNECTIONS_THAT_FILL_IT;
    }

    /** As {@link ArrivingBytes#letGo}. */
    public void letGo(long some) {
      bytes -= some;
      ArrivingBytes.this.letGo(door, some);
    }

    /** As {@link ArrivingBytes#refuse}. */
    public void refuse() {
      ArrivingBytes.this.refuse();
    }
  }

  private final long most;
  private final Map<Door, AtomicLong> held = new EnumMap<>(Door.class);
  private final Map<Door, AttributeKey<Object>> kept = new EnumMap<>(Door.class);
  private final LongAdder refused = new LongAdder();

  @Inject
  ArrivingBytes() {
    this(MOST);
  }

  public ArrivingBytes(long most) {
    this.most = most;
    for (Door door : Door.values()) {
      held.put(door, new AtomicLong());
      kept.put(door, AttributeKey.valueOf(Share.class, door.name()));
    }
  }

  /** How many bytes a request takes before anything of its body has arrived. */
  public static int ofHead(HttpServerRequest request) {
    HostAndPort host = request.authority();
    return ofHead(Objects.requireNonNullElse(request.uri(), ""), request.headers())
        + request.method().name().length()
        + Objects.requireNonNullElse(request.scheme(), "").length()
        + (host == null ? 0 : host.host().length());
  }

  /** The same of one that the server below has not seen yet. */
  static int ofHead(HttpRequest request) {
    return ofHead(request.uri(), request.headers());
  }

  private static int ofHead(String uri, Iterable<Map.Entry<String, String>> headers) {
    return uri.length() + ofHead(headers);
  }

  /** The same of one that has no more than those, or has the rest among them (RFC 9113, 8.3). */
  static int ofHead(
      Iterable<? extends Map.Entry<? extends CharSequence, ? extends CharSequence>> headers) {
    int bytes = REQUEST_BYTES;
    for (Map.Entry<? extends CharSequence, ? extends CharSequence> header : headers) {
      bytes += HEADER_BYTES + header.getKey().length() + header.getValue().length();
    }
    return bytes;
  }

  /** The share of that connection, which is the same each time. */
  public Share share(Door door, ConnectionBase connection) {
    return share(door, connection.channel());
  }

  Share share(Door door, Channel connection) {
    Attribute<Object> ofConnection = connection.attr(Objects.requireNonNull(kept.get(door)));
    // Not one of a class of the same name, from before a reload.
    if (ofConnection.get() instanceof Share begun) {
      return begun;
    }
    Share share = new Share(door);
    ofConnection.set(share);
    return share;
  }

  /**
   * Some more have arrived, and are held until they are {@linkplain #letGo let go}.
   *
   * @return whether they are not too many; else their request is to be refused
   */
  public boolean hold(Door door, int bytes) {
    return at(door).addAndGet(bytes) <= most;
  }

  /** A request has arrived whole, or was ended. */
  public void letGo(Door door, long bytes) {
    at(door).addAndGet(-bytes);
  }

  /** How many are held. */
  public long held(Door door) {
    return at(door).get();
  }

  /** A request is refused for want of room. */
  public void refuse() {
    refused.increment();
  }

  /** Requests refused for want of room since the start. */
  public long refused() {
    return refused.sum();
  }

  private AtomicLong at(Door door) {
    return Objects.requireNonNull(held.get(door));
  }
}
