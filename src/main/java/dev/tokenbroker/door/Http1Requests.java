package dev.tokenbroker.door;

import static io.netty.handler.codec.http.HttpHeaderNames.CONNECTION;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.UPGRADE;
import static io.netty.handler.codec.http.HttpHeaderValues.CLOSE;
import static io.netty.handler.codec.http.HttpHeaderValues.KEEP_ALIVE;
import static io.netty.handler.codec.http.HttpHeaderValues.ZERO;
import static io.netty.handler.codec.http2.Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME;
import static io.netty.handler.codec.http2.Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER;

import dev.tokenbroker.door.ArrivingBytes.Share;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Lets those requests of one connection of HTTP/1 through to the server below that it can bear.
 *
 * <ul>
 *   <li>One of a version that is neither 1.0 nor 1.1 it takes for none that it knows, so that some
 *       take it for HTTP/2, and for gRPC. Here it gets 505 (RFC 9110 section 15.6.6).
 *   <li>For an upgrade to HTTP/2 it removes what cares for the connection, and the body of one that
 *       is not in order it keeps for ever. RFC 9113 (section 3.1) has withdrawn such upgrades; here
 *       they are ignored, as they may be (RFC 9110 section 7.8).
 *   <li>Those that come before others are answered it keeps, however many, and answers one within
 *       the other, until its stack ends. Here no more than {@value #MOST_UNANSWERED} wait, and
 *       within {@link ArrivingBytes}, with what it takes of the bodies that nobody reads yet.
 *   <li>What comes after one that says it is the last it drops, and keeps its bytes for ever.
 *   <li>What comes after one whose answer says so it carries out (RFC 9112 section 9.6 forbids it).
 *   <li>Where it cannot read one it closes at once after the answer, which the peer may then never
 *       see: {@link LingeringClose}.
 * </ul>
 *
 * <p>Once one was not let through, nothing that follows is, and the connection is closed when those
 * before it have been answered: who sent more may send that once again (RFC 9112 section 9.3.2).
 * Confined to the event loop of the connection.
 */
public final class Http1Requests extends ChannelDuplexHandler {

  private static final int MOST_UNANSWERED = 16;

  /** What the objects take that are made of each part of a body: more than most parts do. */
  private static final int PART_BYTES = 128;

  private final Deque<Unanswered> unanswered = new ArrayDeque<>();

  private @Nullable Share bytes;
  private boolean isLast;
  private boolean isLastAnswered;
  private boolean isOver;
  private boolean isLastCutOff;
  private boolean isOfUnknownVersion;

  /** A request, and the bytes that are held of it here. */
  private static final class Unanswered {

    private int held;
    private boolean isRead;
  }

  Http1Requests() {}

  /**
   * From now on leaves the first request of the connection that is not answered to who reads it,
   * and counts what is held of it.
   */
  public static void leaveToReader(Channel connection) {
    Http1Requests requests = connection.pipeline().get(Http1Requests.class);
    if (requests != null) {
      requests.leaveFirst();
    }
  }

  private void leaveFirst() {
    Unanswered first = unanswered.peek();
    if (first != null) {
      first.isRead = true;
      letGo(first);
    }
  }

  /** Whether an answer has said that it is the last: no other request may be carried out. */
  boolean isLastAnswered() {
    return isLastAnswered;
  }

  /** Has what waits for others, or for who reads it, counted there. */
  void countBy(Share share) {
    bytes = share;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!isOver && message instanceof HttpRequest request) {
      begin(context, request);
    } else if (!isOver && message instanceof HttpContent part) {
      goOn(part);
    }
    if (isOver) {
      ReferenceCountUtil.release(message);
    } else {
      context.fireChannelRead(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    isOfUnknownVersion =
        !isOf(HttpVersion.HTTP_1_1, request) && !isOf(HttpVersion.HTTP_1_0, request);
    if (isLast || isOfUnknownVersion || !mayWait(request)) {
      isOver = true;
      if (unanswered.isEmpty()) {
        end(context);
      }
      return;
    }
    isLast = isLast(request);
    if (request.decoderResult().isFailure()) {
      closeGently(context);
    }
    HttpHeaders headers = request.headers();
    if (headers.containsValue(UPGRADE, HTTP_UPGRADE_PROTOCOL_NAME, true)) {
      headers.remove(UPGRADE).remove(HTTP_UPGRADE_SETTINGS_HEADER);
    }
  }

  /** The first one does not; its head is counted by who reads it. */
  private boolean mayWait(HttpRequest request) {
    if (unanswered.size() == MOST_UNANSWERED) {
      return false;
    }
    Unanswered last = new Unanswered();
    boolean isFirst = unanswered.isEmpty();
    return (isFirst || mayHold(last, ArrivingBytes.ofHead(request))) && unanswered.add(last);
  }

  private boolean mayHold(Unanswered request, int more) {
    Share share = bytes;
    if (share == null) {
      return true;
    }
    if (share.hold(more)) {
      request.held += more;
      return true;
    }
    share.letGo(more);
    share.refuse();
    return false;
  }

  /** The part is of the body of the last one, which the server below keeps until it is read. */
  private void goOn(HttpContent part) {
    int size = part.content().readableBytes();
    Unanswered last = unanswered.peekLast();
    if (last == null || last.isRead || size == 0 || mayHold(last, size + PART_BYTES)) {
      return;
    }
    isOver = true;
    isLastCutOff = unanswered.size() > 1; // The first one is answered without it.
  }

  /** As the server below sees it, to which an equal version is another one. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isOf(HttpVersion version, HttpRequest request) {
    return request.protocolVersion() == version;
  }

  /** As the server below sees it, or the RFC. */
  private static boolean isLast(HttpRequest request) {
    return !HttpUtil.isKeepAlive(request)
        || (isOf(HttpVersion.HTTP_1_0, request)
            && !request.headers().contains(CONNECTION, KEEP_ALIVE, true));
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof HttpResponse answer
        && !isInterim(answer)
        && !HttpUtil.isKeepAlive(answer)) {
      isLast = true;
      isLastAnswered = true;
      isOver |= unanswered.size() > 1;
    }
    var _ = context.write(message, promise);
    if (message instanceof LastHttpContent && !isInterim(message)) {
      letGo(unanswered.poll());
      if (isOver && (isLastAnswered || unanswered.size() == (isLastCutOff ? 1 : 0))) {
        end(context);
      }
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    while (!unanswered.isEmpty()) {
      letGo(unanswered.poll());
    }
  }

  private void letGo(@Nullable Unanswered request) {
    if (request != null && bytes != null) {
      bytes.letGo(request.held);
      request.held = 0;
    }
  }

  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void end(ChannelHandlerContext context) {
    closeGently(context);
    context
        .writeAndFlush(isOfUnknownVersion ? unknownVersion() : Unpooled.EMPTY_BUFFER)
        .addListener(ChannelFutureListener.CLOSE);
  }

  private static void closeGently(ChannelHandlerContext context) {
    ChannelPipeline pipeline = context.pipeline();
    if (pipeline.get(LingeringClose.class) == null) {
      pipeline.addFirst(new LingeringClose());
    }
  }

  private static HttpResponse unknownVersion() {
    HttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED);
    answer.headers().set(CONTENT_LENGTH, ZERO).set(CONNECTION, CLOSE);
    return answer;
  }
}
