"""A tiny site for browsers: /publish sends the camera as simulcast, /watch shows tiles and a focus."""

from collections.abc import Callable

from aiohttp import web

from proctor.media.server import MediaRoom, Sink

PUBLISH = """<!doctype html><script>
window.ready = (async () => {
  const media = await navigator.mediaDevices.getUserMedia(
    {video: {width: 640, height: 360, frameRate: 15}, audio: true});
  const pc = window.pc = new RTCPeerConnection();
  pc.addTransceiver(media.getAudioTracks()[0], {direction: 'sendonly'});
  const video = pc.addTransceiver(media.getVideoTracks()[0], {direction: 'sendonly', sendEncodings: [
    {rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 100000, maxFramerate: 8},
    {rid: 'h', maxBitrate: 400000, maxFramerate: 15}]});
  const codecs = RTCRtpSender.getCapabilities('video').codecs;
  video.setCodecPreferences(codecs.filter(codec => /VP8|rtx/.test(codec.mimeType)));
  await pc.setLocalDescription();
  const answer = await fetch('/publish', {method: 'POST', body: pc.localDescription.sdp});
  await pc.setRemoteDescription({type: 'answer', sdp: await answer.text()});
})();
</script>"""

WATCH = """<!doctype html><script>
window.ready = (async () => {
  const pc = window.pc = new RTCPeerConnection();
  window.videos = {};
  pc.ontrack = ({track, streams, transceiver}) => {
    if (track.kind === 'audio') {
      const context = window.context = new AudioContext();
      window.analyser = context.createAnalyser();
      context.createMediaStreamSource(new MediaStream([track])).connect(window.analyser);
      const sink = new Audio(); sink.srcObject = new MediaStream([track]); sink.play();
    } else {
      const video = document.createElement('video');
      video.muted = video.autoplay = true;
      video.srcObject = new MediaStream([track]);
      document.body.append(video);
      window.videos[transceiver.mid] = video;
    }
  };
  const offer = await (await fetch('/subscribe', {method: 'POST'})).json();
  await pc.setRemoteDescription({type: 'offer', sdp: offer.sdp});
  await pc.setLocalDescription();
  await fetch('/accept/' + offer.id, {method: 'POST', body: pc.localDescription.sdp});
  window.subscription = offer.id;
})();
window.loudness = () => {
  const samples = new Float32Array(window.analyser.fftSize);
  window.analyser.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
};
window.decoded = async () => {
  const frames = {};
  for (const s of (await pc.getStats()).values())
    if (s.type === 'inbound-rtp' && s.kind === 'video') frames[s.mid] = [s.framesDecoded, s.frameWidth, s.packetsLost];
  return frames;
};
</script>"""


def site(
    room: MediaRoom,
    on_state: Callable[[str, str], None],
    tiles: int,
    *,
    sink: Sink | None = None,
    told: Callable[[str], str] = lambda sdp: sdp,
    on_level: Callable[[str], None] = lambda level: None,
) -> web.Application:
    """`told` changes what browsers are told of the server, so that they reach it by another way."""

    async def publish(request: web.Request) -> web.Response:
        answer = await room.publish("camera", await request.text(), sink=sink, on_state=on_state)
        return web.Response(text=told(answer))

    async def subscribe(request: web.Request) -> web.Response:
        subscription = await room.subscribe("watcher", tiles=tiles, on_level=on_level)
        return web.json_response({"id": subscription.id, "sdp": told(subscription.offer_sdp)})

    async def accept(request: web.Request) -> web.Response:
        await room.accept(request.match_info["id"], await request.text())
        return web.Response()

    def page(text: str):
        async def handler(request: web.Request) -> web.Response:
            return web.Response(text=text, content_type="text/html")

        return handler

    app = web.Application()
    app.add_routes([web.get("/publish", page(PUBLISH)), web.get("/watch", page(WATCH))])
    app.add_routes([web.post("/publish", publish), web.post("/subscribe", subscribe), web.post("/accept/{id}", accept)])
    return app
