package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A network namespace of Linux, with two wires to this one that can be cut: what is sent along a
 * cut wire vanishes, and no connection is told. Takes root and {@code ip} of iproute2.
 */
final class SeparateNetwork implements AutoCloseable {

  private static final int WIRES = 2;

  private final long process = ProcessHandle.current().pid();
  private final String name = "tb" + process;

  /** Makes it; fails with what the system says if it may not. */
  SeparateNetwork() {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
    for (int wire = 0; wire < WIRES; wire++) {
      ip("link", "add", near(wire), "type", "veth", "peer", "name", far(wire), "netns", name);
      ip("addr", "add", address(wire, 1) + "/30", "dev", near(wire));
      ip("-n", name, "addr", "add", host(wire) + "/30", "dev", far(wire));
      ip("link", "set", near(wire), "up");
      mend(wire);
    }
  }

  /** A server in it, at the end of each wire. */
  ValkeyServer.Place place() {
    return new ValkeyServer.Place(
        List.of("ip", "netns", "exec", name),
        Stream.concat(IntStream.range(0, WIRES).mapToObj(this::host), Stream.of("localhost"))
            .toList());
  }

  /** The address in it at the far end of a wire; one of those for tests of networks, RFC 2544. */
  String host(int wire) {
    return address(wire, 2);
  }

  void cut(int wire) {
    ip("-n", name, "link", "set", far(wire), "down");
  }

  void mend(int wire) {
    ip("-n", name, "link", "set", far(wire), "up");
  }

  @Override
  public void close() {
    ip("netns", "del", name); // the wires with it
  }

  private String near(int wire) {
    return name + "n" + wire;
  }

  private String far(int wire) {
    return name + "f" + wire;
  }

  // Not those of another test run on the same machine.
  private String address(int wire, int end) {
    return "198.%d.%d.%d".formatted(18 + process % 2, process / 2 % 256, 4 * wire + end);
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    try {
      Process ip = new ProcessBuilder(command).redirectErrorStream(true).start();
      String told = new String(ip.getInputStream().readAllBytes(), UTF_8);
      if (ip.waitFor() != 0) {
        throw new AssertionError(
            "a network namespace takes root and the right to make one: " + command + ": " + told);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException("apt-get install iproute2", broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
