package dev.tokenbroker.peers.store;

import dev.tokenbroker.edges.edge.BrokerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The threads and the sockets that a process of Linux has.
 *
 * @param threads those of the system; a virtual thread is none
 */
record Footprint(long threads, long sockets) {

  /** A pool of threads may have grown a little, by what it is allowed. */
  private static final int MORE_THREADS = 8;

  /** A connection to an issuer may be open or not. */
  private static final int MORE_SOCKETS = 4;

  static Footprint of(BrokerProcess broker) {
    Path process = Path.of("/proc", "" + broker.pid());
    return new Footprint(count(process.resolve("task"), false), count(process.resolve("fd"), true));
  }

  /** Whether it is about as large as that one, or smaller. */
  boolean isWithin(Footprint other) {
    return threads <= other.threads + MORE_THREADS && sockets <= other.sockets + MORE_SOCKETS;
  }

  /** The same with so many more connections. */
  Footprint withSockets(int more) {
    return new Footprint(threads, sockets + more);
  }

  private static long count(Path directory, boolean onlySockets) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(entry -> !onlySockets || isSocket(entry)).count();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (NoSuchFileException closed) {
      return false;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
