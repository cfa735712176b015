package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A change with its place in the timeline.
 *
 * @param id rises with each event, also over a restart if the timeline is kept in a file
 * @param time when the broker noticed the change
 * @param change the change as it was reported
 * @param subject the name of the issuer in the document, if it has one; else as in the change
 * @param joined the refusals that rose after it and are evidence
 * @param unproved refusals that are no evidence, and rose after it or have a joined reason
 */
public record ChangeEvent(
    long id,
    Instant time,
    Change change,
    String subject,
    List<RisenRefusals> joined,
    List<RisenRefusals> unproved) {

  /** Refusals earlier than that before an event are not compared with it. */
  static final Duration LOOK_BACK = Duration.ofMinutes(5);

  /** Changes of something as a whole. */
  private static final Set<ChangeKind> WHOLE =
      EnumSet.of(
          ChangeKind.FEDERATION_LOADED, ChangeKind.CA_BUNDLE_RELOADED, ChangeKind.SECRET_RELOADED);

  public ChangeEvent {
    joined = List.copyOf(joined);
    unproved = List.copyOf(unproved);
  }

  ChangeEvent with(List<RisenRefusals> evidence, List<RisenRefusals> others) {
    return new ChangeEvent(id, time, change, subject, evidence, others);
  }

  /** The identifier of the issuer; empty if the event is about something else. */
  public String issuer() {
    return change.subjectKind() == SubjectKind.ISSUER ? change.subject() : "";
  }

  /** When the broker looked before: the change happened later. The time itself if it is exact. */
  public Instant noticedAfter() {
    return time.minus(change.sinceLook());
  }

  /** Whether the broker may have noticed the change some time after it happened. */
  public boolean isLate() {
    return !change.sinceLook().isZero();
  }

  /** How long before the event its first refusals may have been. */
  Duration lookBack() {
    return change.sinceLook().compareTo(LOOK_BACK) > 0 ? LOOK_BACK : change.sinceLook();
  }

  /** Whether refusals of that peer and reason are joined to it. */
  boolean hasJoined(RefusalEvidence refused) {
    return joined.stream().anyMatch(risen -> risen.isOf(refused));
  }

  /** Whether it is a change of the same kind of the same thing. */
  boolean isLike(ChangeEvent other) {
    return change.kind() == other.change.kind()
        && change.subjectKind() == other.change.subjectKind()
        && subject.equals(other.subject);
  }

  /** Whether a later change of the same thing leaves nothing of this one. */
  boolean isReplacedBy(ChangeEvent other) {
    return other.id > id
        && WHOLE.contains(change.kind())
        && WHOLE.contains(other.change.kind())
        && change.subjectKind() == other.change.subjectKind()
        && change.subject().equals(other.change.subject());
  }

  /** One line for people. */
  public String text() {
    StringBuilder text = new StringBuilder(change.kind().label());
    if (!subject.isEmpty()) {
      text.append(" of ").append(change.subjectKind().label()).append(' ').append(subject);
    }
    if (!change.was().isEmpty() || !change.is().isEmpty()) {
      text.append(": ").append(shown(change.was())).append(" -> ").append(shown(change.is()));
    }
    return text.toString();
  }

  private static String shown(String state) {
    return state.isEmpty() ? "(none)" : state;
  }

  /**
   * The issuer or upstream that refusals are counted for.
   *
   * @param kind {@link SubjectKind#ISSUER} or {@link SubjectKind#UPSTREAM}
   * @param name its name in the federation document
   */
  record RefusedPeer(SubjectKind kind, String name) {

    /** The name for refusals before an issuer was found. */
    static final String NONE = "none";

    /** The upstream for reasons that are about it, else the issuer. */
    static RefusedPeer of(
        RefusalReason reason, @Nullable String issuer, @Nullable String upstream) {
      return upstream != null && reason.name().startsWith("UPSTREAM_")
          ? new RefusedPeer(SubjectKind.UPSTREAM, upstream)
          : new RefusedPeer(SubjectKind.ISSUER, issuer == null ? NONE : issuer);
    }
  }
}
