(function () {
  var flame = document.getElementById("flame");
  var width = +flame.dataset.width, letter = +flame.dataset.letter;
  var info = document.getElementById("info");
  var frames = Array.prototype.map.call(flame.querySelectorAll(".f"), function (g) {
    var title = g.querySelector("title").textContent;
    return { g: g, x: +g.dataset.x, w: +g.dataset.w, l: +g.dataset.l, title: title,
      name: title.slice(0, title.lastIndexOf(": ")), rect: g.querySelector("rect"), text: g.querySelector("text") };
  });
  function fit(s, n) {
    if (s.length <= n) return s;
    s = s.slice(s.lastIndexOf("/", (s + "[").indexOf("[")) + 1);
    if (s.length <= n) return s;
    s = s.slice(s.indexOf(".") + 1);
    return s.length <= n ? s : n < 3 ? "" : s.slice(0, n - 2) + "..";
  }
  function zoom(to) {
    frames.forEach(function (f) {
      var above = f.l < to.l && f.x <= to.x + 1e-7 && f.x + f.w >= to.x + to.w - 1e-7;
      var x = above ? 0 : (f.x - to.x) / to.w, w = above ? 1 : f.w / to.w;
      var shown = above || (f.l >= to.l && x > -1e-6 && x + w < 1 + 1e-6);
      f.g.style.display = shown ? "" : "none";
      f.g.style.opacity = above ? 0.5 : 1;
      if (!shown) return;
      f.rect.setAttribute("x", x * width);
      f.rect.setAttribute("width", Math.max(0.1, w * width - 0.5));
      f.text.setAttribute("x", x * width + 3);
      f.text.textContent = fit(f.name, Math.floor((w * width - 6) / letter));
    });
  }
  function search(expr) {
    var rx = null, sum = 0, found = [];
    try { rx = expr ? new RegExp(expr) : null; } catch (e) { info.textContent = "not an expression: " + expr; return; }
    frames.forEach(function (f) {
      var hit = rx && rx.test(f.name);
      f.g.classList.toggle("hit", !!hit);
      if (!hit) return;
      var inside = found.some(function (o) { return f.l > o.l && f.x >= o.x - 1e-7 && f.x + f.w <= o.x + o.w + 1e-7; });
      if (!inside) { found.push(f); sum += f.w; }
    });
    info.textContent = rx ? "matched " + (sum * 100).toFixed(2) + "%" : " ";
  }
  frames.forEach(function (f) {
    f.g.addEventListener("click", function () { zoom(f); });
    f.g.addEventListener("mouseover", function () { info.textContent = f.title; });
  });
  document.getElementById("reset").addEventListener("click", function () { zoom(frames[0]); });
  document.getElementById("search").addEventListener("click", function () { search(prompt("Expression to search for:") || ""); });
})();
