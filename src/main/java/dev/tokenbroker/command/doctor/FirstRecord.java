package dev.tokenbroker.command.doctor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
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
  private static final int NONE = -1;
  private static final int HEAD_BYTES = 11;
  private static final int HELLO_BYTES = 32 * 1024;
  private static final String HTTP = "HTTP/";

  private final List<String> protocols;
  private final String host;
  private final InetSocketAddress address;

  /**
   * @param protocols the versions of TLS to offer
   */
  FirstRecord(List<String> protocols, String host, InetSocketAddress address) {
    this.protocols = protocols;
    this.host = host;
    this.address = address;
  }

  /** Reports why there is no TLS connection. */
  void report(TlsFindings findings) {
    try {
      byte[] answer = answer(hello());
      if (startsLikeHttp(answer) || (answer.length == 0 && startsLikeHttp(answer(head())))) {
        findings.plainHttp();
      } else if (answer.length == 0) {
        findings.broken("the server closes the connection on a TLS hello, or says nothing for 5 s");
      } else {
        report(answer, findings);
      }
    } catch (IOException | GeneralSecurityException lost) {
      findings.broken("the connection was lost");
    }
  }

  private static void report(byte[] answer, TlsFindings findings) {
    int alert = answer[0] == ALERT && answer.length > 6 ? answer[6] & 0xff : NONE;
    boolean hello = answer[0] == HANDSHAKE;
    if (alert == PROTOCOL_VERSION) {
      findings.oldProtocol("the server answers with the alert protocol_version");
    } else if (alert != NONE) {
      findings.broken("the server answers with the TLS alert " + alert);
    } else if (hello && answer.length == HEAD_BYTES && answer[9] == 3 && answer[10] < 3) {
      findings.oldProtocol("the server chooses TLS 1." + (answer[10] - 1));
    } else {
      findings.broken(
          hello
              ? "the TLS handshake fails after the hello of the server"
              : "the server answers with something that is not TLS");
    }
  }

  private byte[] hello() throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine(host, address.getPort());
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(protocols.toArray(String[]::new));
    ByteBuffer hello = ByteBuffer.allocate(HELLO_BYTES);
    engine.wrap(ByteBuffer.allocate(0), hello);
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
      // A peer that sends a byte now and then would outlast the timeout of each read.
      CompletableFuture.delayedExecutor(HostChecks.LIMIT.toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> close(socket));
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

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // It is closed all the same.
    }
  }

  private static boolean startsLikeHttp(byte[] answer) {
    return new String(answer, ISO_8859_1).startsWith(HTTP);
  }
}
