package dev.tokenbroker.command.doctor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.tokenbroker.command.doctor.TlsProbe.Handshake;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Tells apart why a server does not answer a TLS hello as a TLS server does. The JDK reports all of
 * these by one type. So this class sends the hello itself and reads the first record of the answer
 * (RFC 8446 sections 5.1 and 6). A server that sends nothing gets a HEAD request without TLS on a
 * connection of its own.
 */
final class FirstRecord {

  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int PROTOCOL_VERSION = 70;
  private static final int HEAD_BYTES = 11;
  private static final int HELLO_BYTES = 32 * 1024;
  private static final String HTTP = "HTTP/";

  private final SSLContext context;
  private final List<String> protocols;
  private final String host;
  private final InetSocketAddress address;

  FirstRecord(SSLContext context, List<String> protocols, String host, InetSocketAddress address) {
    this.context = context;
    this.protocols = protocols;
    this.host = host;
    this.address = address;
  }

  Handshake classify() {
    try {
      byte[] answer = answer(hello());
      if (startsLikeHttp(answer) || (answer.length == 0 && startsLikeHttp(answer(head())))) {
        return new Handshake.NotTls();
      }
      return answer.length == 0
          ? new Handshake.HandshakeBroken(
              "the server closes the connection on a TLS hello, or says nothing for 5 s")
          : ofRecord(answer);
    } catch (IOException lost) {
      return new Handshake.HandshakeBroken("the connection was lost");
    }
  }

  private static Handshake ofRecord(byte[] answer) {
    if (answer[0] == ALERT && answer.length > 6) {
      int alert = answer[6] & 0xff;
      return alert == PROTOCOL_VERSION
          ? new Handshake.OldProtocol("the server answers with the alert protocol_version")
          : new Handshake.HandshakeBroken("the server answers with the TLS alert " + alert);
    }
    if (answer[0] == HANDSHAKE && answer.length == HEAD_BYTES && answer[9] == 3 && answer[10] < 3) {
      return new Handshake.OldProtocol("the server chooses TLS 1." + (answer[10] - 1));
    }
    return answer[0] == HANDSHAKE
        ? new Handshake.HandshakeBroken("the TLS handshake fails after the hello of the server")
        : new Handshake.HandshakeBroken("the server answers with something that is not TLS");
  }

  private byte[] hello() throws IOException {
    SSLEngine engine = context.createSSLEngine(host, address.getPort());
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(protocols.toArray(String[]::new));
    ByteBuffer hello = ByteBuffer.allocate(HELLO_BYTES);
    var _ = engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.position()];
    hello.flip().get(bytes);
    return bytes;
  }

  private byte[] head() {
    return ("HEAD / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
        .getBytes(ISO_8859_1);
  }

  private byte[] answer(byte[] sent) throws IOException {
    try (Socket socket = new Socket()) {
      CompletableFuture.delayedExecutor(HostChecks.LIMIT.toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> TlsProbe.close(socket));
      socket.connect(address, (int) HostChecks.LIMIT.toMillis());
      socket.setSoTimeout((int) HostChecks.LIMIT.toMillis());
      socket.getOutputStream().write(sent);
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      return in.readNBytes(HEAD_BYTES);
    } catch (SocketTimeoutException silent) {
      return new byte[0];
    }
  }

  private static boolean startsLikeHttp(byte[] answer) {
    return new String(answer, ISO_8859_1).startsWith(HTTP);
  }
}
