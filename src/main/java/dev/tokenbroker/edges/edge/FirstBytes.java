package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.outcome.AddressBlock;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.peers.trust.RefusedCertificate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first bytes of a connection whether the caller uses the protocol of the port. A
 * caller that does not gets an answer in its own protocol, and {@link ListenerFaults} gets a note.
 * Otherwise this handler leaves the connection. The first handler of a connection.
 *
 * <p>Until the first bytes come, the broker sends nothing: a gRPC server sends its settings at
 * once, and an HTTP/1 client would take them for its response.
 */
public final class FirstBytes extends ChannelDuplexHandler {

  /** Tells the PROXY protocol from PUT, and PRI from PROXY. */
  private static final int ENOUGH = 6;

  private static final int SHOWN_BYTES = 24;
  private static final int MAX_CAUSES = 8;
  private static final long LINGER_MILLIS = 1_000;
  private static final byte[] ALERT_UNEXPECTED_MESSAGE = {21, 3, 3, 0, 2, 2, 10};

  /**
   * SETTINGS and GOAWAY of HTTP/2 with the code HTTP_1_1_REQUIRED. Its length has yet to be set; a
   * text follows, which gRPC clients show.
   */
  private static final byte[] GO_AWAY =
      HexFormat.of().parseHex("000000040000000000" + "000000070000000000" + "000000000000000d");

  private static final String BAD_REQUEST =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
          + "Content-Length: %d\r\n\r\n";
  private static final String PROXY_2 = "\r\n\r\n\0\r";

  private final Listener port;
  private final ListenerFaults faults;
  private @Nullable PendingWriteQueue unsent;
  private @Nullable ByteBuf bytes;
  private boolean refused;

  /** For a port that takes no PROXY protocol. */
  public FirstBytes(Listener port, ListenerFaults faults) {
    this.port = port;
    this.faults = faults;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (unsent == null) {
      unsent = new PendingWriteQueue(context);
    }
    unsent.add(message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    ByteBuf more = (ByteBuf) message;
    bytes =
        bytes == null
            ? more
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), bytes, more);
    if (bytes.readableBytes() >= ENOUGH) {
      decide(context, bytes);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    ReferenceCountUtil.release(bytes);
    bytes = null;
    if (unsent != null) {
      unsent.removeAndFailAll(new ClosedChannelException());
    }
  }

  private void decide(ChannelHandlerContext context, ByteBuf first) {
    ChannelPipeline pipeline = context.pipeline();
    SslHandler ssl = pipeline.get(SslHandler.class);
    boolean tls = ssl != null || pipeline.get(AbstractSniHandler.class) != null;
    ListenerFault came = came(first);
    if (tls ? came == ListenerFault.TLS : fitsWithoutTls(came)) {
      if (ssl != null) {
        var _ =
            ssl.handshakeFuture()
                .addListener(
                    end -> {
                      if (!end.isSuccess()) {
                        failed(context.channel(), end.cause());
                      }
                    });
      }
      leave(context, first);
      return;
    }
    ListenerFault fault = tls && came != ListenerFault.PROXY_PROTOCOL ? ListenerFault.PLAIN : came;
    int shown = Math.min(SHOWN_BYTES, first.readableBytes());
    noted(
        context.channel(),
        fault,
        "it begins with the bytes " + ByteBufUtil.hexDump(first, first.readerIndex(), shown));
    refused = true;
    ByteBuf text = Unpooled.copiedBuffer(faults.told(port, tls) + "\n", StandardCharsets.US_ASCII);
    ByteBuf head =
        switch (came) {
          case TLS -> Unpooled.wrappedBuffer(ALERT_UNEXPECTED_MESSAGE);
          case HTTP2 -> Unpooled.copiedBuffer(GO_AWAY).setMedium(9, 8 + text.readableBytes());
          default ->
              Unpooled.copiedBuffer(
                  BAD_REQUEST.formatted(text.readableBytes()), StandardCharsets.US_ASCII);
        };
    var _ =
        context.writeAndFlush(
            came == ListenerFault.TLS ? head : Unpooled.wrappedBuffer(head, text));
    // A close with unread bytes would be a reset, which may overtake the answer.
    if (context.channel() instanceof DuplexChannel connection) {
      var _ = connection.shutdownOutput();
    }
    var _ =
        context.executor().schedule(() -> context.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private boolean fitsWithoutTls(ListenerFault came) {
    return port == Listener.GRPC
        ? came == ListenerFault.HTTP2
        : came == ListenerFault.HTTP1 || came == ListenerFault.OTHER_BYTES; // Vert.x answers
  }

  private static ListenerFault came(ByteBuf first) {
    if (first.getByte(first.readerIndex()) == 22 && first.getByte(first.readerIndex() + 1) == 3) {
      return ListenerFault.TLS;
    }
    String begin = first.toString(first.readerIndex(), ENOUGH, StandardCharsets.ISO_8859_1);
    if (begin.equals("PROXY ") || begin.equals(PROXY_2)) {
      return ListenerFault.PROXY_PROTOCOL;
    }
    if (begin.equals("PRI * ")) {
      return ListenerFault.HTTP2;
    }
    return begin.matches("[A-Z]{3,6}|[A-Z]{3,5} .*")
        ? ListenerFault.HTTP1
        : ListenerFault.OTHER_BYTES;
  }

  private void leave(ChannelHandlerContext context, ByteBuf first) {
    bytes = null;
    if (unsent != null) {
      var _ = unsent.removeAndWriteAll();
      context.flush();
    }
    context.pipeline().remove(this);
    context.fireChannelRead(first);
  }

  private void noted(Channel connection, ListenerFault fault, String detail) {
    String from =
        connection.remoteAddress() instanceof InetSocketAddress address
            ? AddressBlock.of(address.getAddress().getHostAddress())
            : "an unknown address";
    faults.noted(port, fault, from, detail);
  }

  /**
   * Why a certificate was refused, and which: the JDK tells it if a trusted authority signed it.
   */
  private static String refusal(CertificateException refused) {
    return refused.getCause() instanceof CertPathValidatorException path
            && path.getIndex() >= 0
            && path.getCertPath().getCertificates().get(path.getIndex())
                instanceof X509Certificate it
        ? RefusedCertificate.described(it) + ": " + path.getMessage()
        : String.valueOf(refused.getMessage());
  }

  /** Notes why a TLS handshake failed. */
  private void failed(Channel connection, Throwable why) {
    Throwable at = why;
    for (int depth = 0; at != null && depth < MAX_CAUSES; depth++, at = at.getCause()) {
      if (at instanceof CertificateException refused) {
        noted(connection, ListenerFault.CLIENT_CERTIFICATE, refusal(refused));
        return;
      }
    }
    if (!(why instanceof ClosedChannelException)) {
      noted(connection, ListenerFault.HANDSHAKE, String.valueOf(why.getMessage()));
    }
  }
}
