package dev.tokenbroker.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of loopback that the system chose and gives to nobody else: for a server whose address
 * must be known before it starts.
 *
 * <p>It is bound and does not listen, which on Linux leaves it open to who asks for it by number
 * (SO_REUSEADDR, as servers set it) and closed to who asks for any.
 */
final class HeldPort implements AutoCloseable {

  private final Socket holder = new Socket();

  HeldPort() {
    try {
      holder.setReuseAddress(true);
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  int number() {
    return holder.getLocalPort();
  }

  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
