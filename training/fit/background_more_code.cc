// Lines of programs in Rust, Ruby, PHP, Lua, C#, Kotlin, Swift, TypeScript, Go, Java, Perl and assembler, and of SQL, shell,
// markup, style sheets and configuration. Written for this purpose; no line of any project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundMoreCode = R"text(
use std::collections::{BTreeMap, HashSet};
use crate::parser::{Cursor, Span};
mod lexer;
pub(crate) mod arena;
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg(target_os = "windows")]
#[inline(always)]
#![allow(dead_code)]
impl<T: Ord> Heap<T> {
impl Iterator for Lines<'_> {
impl<'a> From<&'a str> for Token<'a> {
type Item = (usize, char);
fn next(&mut self) -> Option<Self::Item> {
pub fn with_capacity(n: usize) -> Self {
pub unsafe fn from_raw(ptr: *mut T, len: usize) -> Box<[T]> {
fn eval(expr: &Expr, env: &mut Env) -> Result<Value, EvalError> {
where F: Fn(&T) -> bool + Send + 'static,
let Some(first) = parts.next() else { return None };
let mut out = String::with_capacity(input.len());
let (head, tail) = bytes.split_at(mid);
let end = self.pos + n.min(self.buf.len() - self.pos);
if let Ok(n) = word.parse::<u32>() {
while let Some(top) = stack.pop() {
match (a, b) { (Leaf, Leaf) => 0, _ => 1 + depth }
Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
Token::Ident(name) => self.lookup(&name)?,
_ => unreachable!(),
self.items.iter().filter(|i| i.visible).map(|i| i.width).sum::<f32>()
vec.sort_unstable_by_key(|p| (p.y, p.x));
assert_eq!(slots.len(), 4);
println!("{name:>10} {value:.2}");
write!(f, "({}, {})", self.x, self.y)
let handle = thread::spawn(move || worker(rx));
let guard = lock.read().unwrap();
unsafe { ptr::copy_nonoverlapping(src, dst, len) };
macro_rules! square { ($x:expr) => { $x * $x }; }
const fn log2(n: u32) -> u32 { 31 - n.leading_zeros() }
#[test] fn empty_is_none() { assert!(first(&[]).is_none()); }
async fn load(id: Uuid) -> anyhow::Result<Page> {
let page = fetch(url).await?.text().await?;
require_relative "parser/token"
module Geometry
class Stack < Array
class << self
include Comparable
extend Enumerable
def initialize(name, size: 10)
@items = items.dup
@cache ||= {}
def <=>(other) = size <=> other.size
def empty? = @items.empty?
def [](key) @table[key] end
words.each_with_index do |word, i|
lines.map(&:strip).reject(&:empty?).sort_by { |l| -l.size }
hash.each_pair { |k, v| out << "#{k}=#{v}" }
raise ArgumentError, "negative size" unless n >= 0
rescue KeyError, TypeError => e
return to_enum(:each) unless block_given?
yield self if block_given?
case value when Integer then :int when /\A\s*\z/ then :blank end
if text =~ /^(\w+):\s*(.*)$/
@pos += 1 while @src[@pos] == " "
alias_method :size, :length
private_constant :Node
define_method("#{name}=") { |v| @values[name] = v }
obj.respond_to?(:to_str) ? obj.to_str : obj.inspect
puts format("%-10s %5.1f", name, mean)
assert_equal [1, 2], list.to_a
end.join("\n")
namespace App\Model;
use Psr\Container\ContainerInterface;
final class Parser implements ParserInterface
public function __construct(private string $path, private ?int $depth = null)
public static function create(array $options = []): self
protected function walk(Node $node, callable $visit): void
foreach ($rows as $i => $row) {
if (!isset($this->items[$key])) {
if (null === $node || $node->isLeaf()) {
$this->assertSame('b', $list->last());
$this->nodes[] = new Node($name, $line);
return $this->children[$i] ?? null;
return array_filter($items, fn ($i) => $i->price > $min);
throw new \InvalidArgumentException(sprintf('No such key "%s".', $key));
} catch (\Exception $e) {
$html .= '<td>' . htmlspecialchars($cell) . '</td>';
list($a, $b) = explode(':', $pair, 2);
echo $twig->render('page.html', ['title' => $title]);
if (preg_match('/^[a-z]+$/i', $word, $m)) {
while (($line = fgets($handle)) !== false) {
unset($queue[$id]);
$count++;
local M = {}
local insert, concat = table.insert, table.concat
local function split(s, sep)
function Stack:push(v) self[#self + 1] = v end
for k, v in pairs(defaults) do
for i = #list, 1, -1 do
if type(x) == "table" and not seen[x] then
elseif c == "\\" then
while i <= n and s:sub(i, i) ~= '"' do
return setmetatable({ items = {} }, Stack)
return s:gsub("%s+$", "")
assert(type(f) == "function", "a function is expected")
local ok, err = pcall(f, ...)
error("bad argument #1 to 'push'", 2)
t[#t + 1] = ("%s = %q"):format(k, v)
until not line
end,
namespace Shop.Catalog;
using System.Collections.Generic;
public sealed record Point(double X, double Y);
public async Task<IReadOnlyList<Item>> FindAsync(string name, CancellationToken token)
var names = people.Where(p => p.Age > 17).Select(p => p.Name).ToList();
foreach (var (key, value) in table)
if (obj is not Shape shape) return false;
throw new ArgumentOutOfRangeException(nameof(index));
await using var stream = File.OpenRead(path);
public override string ToString() => $"{X}, {Y}";
private static int Clamp(int v, int lo, int hi) => Math.Max(lo, Math.Min(v, hi));
[TestMethod, Timeout(1000)]
internal static class StringExtensions
get => _width; set { _width = value; OnChanged(); }
lock (_gate) { _queue.Enqueue(item); }
Assert.AreEqual(3, list.Count);
package garden.plants
import kotlin.math.sqrt
sealed class Result<out T> { object Empty : Result<Nothing>() }
fun <T> List<T>.second(): T? = getOrNull(1)
suspend fun load(id: Long): Page = withContext(Dispatchers.IO) {
override fun onCreate(state: Bundle?) {
private val cache by lazy { mutableMapOf<String, Int>() }
when (shape) { is Circle -> shape.r * shape.r * PI else -> 0.0 }
val (name, size) = parts.map { it.trim() }
?: throw IllegalStateException("no parent")
items.groupBy { it.kind }.mapValues { (_, v) -> v.size }
companion object { @JvmStatic fun of(x: Int) = Box(x) }
import Foundation
struct ContentView: View { var body: some View { Text("Hi") } }
@State private var isOpen = false
protocol Drawable: AnyObject { func draw(in rect: CGRect) }
extension Array where Element: Hashable {
init?(rawValue: String) { nil }
func merge(_ a: [Int], _ b: [Int]) throws -> [Int] {
if let index = names.firstIndex(of: "elm") {
switch self { case .left: return -1; default: return 1 }
let total = prices.reduce(0, +)
do { try container.encode(id, forKey: .id) } catch { print(error) }
deinit { timer?.invalidate() }
DispatchQueue.main.async { [weak self] in self?.reload() }
import { readFile } from "node:fs/promises";
export default class Tree<T extends Node = Node> {
export function isLeaf(n: Node): n is Leaf {
interface Props extends BaseProps { onClose?: () => void; }
type Keys = keyof typeof table;
const [open, setOpen] = useState<boolean>(false);
private readonly listeners = new Map<string, Set<() => void>>();
if (typeof x !== "object" || x === null) return false;
for (const [key, value] of Object.entries(defaults)) {
return items.filter(Boolean).map((s) => s.trim());
let next = cur?.children?.[0] ?? null;
declare module "*.svg" { const src: string; export default src; }
throw new TypeError(`${name} is not a function`);
this.emit('change', { from: old, to: value });
func (p *parser) expect(k kind) (token, error) {
func (s *set[T]) Add(v T) bool {
func TestSplitEmpty(t *testing.T) {
func walk(n *node, f func(*node) bool) {
func mustParse(s string) *expr {
func (e *ParseError) Error() string { return e.Msg + " at " + e.Pos.String() }
if got := sum(tt.in); got != tt.want {
if err := enc.Encode(v); err != nil {
if n, err := io.ReadFull(r, buf[:4]); err != nil {
if _, dup := seen[name]; dup || name == "_" {
for _, tt := range tests {
for i := len(path) - 1; i >= 0 && path[i] != '/'; i-- {
for sc.Scan() {
switch v := v.(type) {
case reflect.Int, reflect.Int8:
case c := <-in:
case '"', '\\':
default:
select {
return fmt.Errorf("parse %q: %w", name, err)
return &node{kind: k, pos: p.pos()}, nil
return x<<7 | uint32(b&0x7f), i + 1
t.Fatalf("split(%q) = %v, want %v", in, got, want)
var buf bytes.Buffer
var errDepth = errors.New("nested too deeply")
var (
mu.Lock(); defer mu.Unlock()
b = binary.LittleEndian.AppendUint32(b, h.size)
w.Header().Set("Content-Type", "text/plain")
p.next()
c.cond.Wait()
h ^= uint64(c); h *= prime
x, y = y, x%y
out = append(out, s[i:j]...)
opts.indent = strings.Repeat(" ", depth)
ctx, cancel := context.WithCancel(parent)
m := make(map[string][]int, len(keys))
k := int(hi)<<8 + int(lo)
type decoder struct { r io.ByteReader; depth int }
//go:build ignore
} else if !utf8.ValidString(s) {
}, func() bool { return done })
import static java.util.stream.Collectors.toList;
public interface Visitor<R> { R visit(Leaf leaf); }
@Override public boolean equals(Object o) {
private final Map<String, List<Edge>> edges = new HashMap<>();
for (Map.Entry<String, Integer> e : counts.entrySet()) {
throw new IllegalArgumentException("empty name: " + name);
List<String> out = in.stream().filter(s -> !s.isBlank()).collect(toList());
try (var reader = Files.newBufferedReader(path)) {
synchronized (lock) { while (queue.isEmpty()) lock.wait(); }
return Objects.hash(name, size);
our @EXPORT_OK = qw(parse format);
my $self = bless { name => $name, items => [] }, $class;
return wantarray ? @out : $out[0];
push @{ $self->{items} }, $item if defined $item;
open(my $fh, '<', $path) or die "cannot open $path: $!";
while (my ($k, $v) = each %$table) {
next unless $line =~ /^(\S+)\s*=\s*(.*)$/;
local $_ = shift;
is_deeply([split_words($text)], [qw(a b)], 'two words');
croak "odd number of arguments" if @_ % 2;
TEXT main(SB), NOSPLIT, $16-8
MOVQ 8(SP), AX
MOVOU X0, (DI)(CX*1)
ADDQ $32, SI
CMPQ BX, $64
JHI loop
VPADDD Y1, Y2, Y3
MOVW R2, 4(R13)
BL fill(SB)
RET
pushq %rbp
movl $0x10, %eax
leaq .LC0(%rip), %rdi
shrl $3, %ecx
ldp x29, x30, [sp], #32
cbz w0, .Ldone
addi sp, sp, -16
.globl start
.section .rodata
.byte 0x0f, 0x0b
int $0x80
call *%rax
)text";

const std::string_view kBackgroundMarkup = R"text(
CREATE INDEX books_by_author ON books (author, year DESC);
CREATE OR REPLACE FUNCTION area(r numeric) RETURNS numeric AS $$
CREATE VIEW long_words AS SELECT word FROM words WHERE length(word) > 9;
ALTER FUNCTION area(numeric) IMMUTABLE STRICT PARALLEL SAFE;
ALTER TABLE plants DROP COLUMN IF EXISTS colour CASCADE;
GRANT SELECT ON ALL TABLES IN SCHEMA garden TO readers;
DROP OPERATOR CLASS shape_ops USING gist;
OPERATOR 1 < ,
FUNCTION 2 compare(text, text),
RETURNS trigger LANGUAGE plpgsql;
WITH RECURSIVE tree(id, depth) AS (SELECT id, 0 FROM nodes
WHERE t.parent IS NULL AND t.kind IN ('leaf', 'bud')
GROUP BY 1, 2 HAVING max(price) > 10
price numeric(10, 2) NOT NULL DEFAULT 0,
FOREIGN KEY (shelf_id) REFERENCES shelves (id) ON DELETE SET NULL
ON CONFLICT (name) DO UPDATE SET count = words.count + 1;
DECLARE total integer := 0;
END LOOP; RETURN total; END;
VALUES (1, 'oak', 21.5), (2, 'elm', NULL);
OUT width int4, OUT height int4
SELECT st_area('polygon((0 0, 1 1, 0 1))');
set -eu
[ -d "$dir" ] || mkdir -p "$dir"
[[ $name == *.txt ]] && continue
case "$1" in -h|--help) usage; exit 0 ;; esac
if ! command -v tidy > /dev/null 2>&1; then
elif test "x$shell" = "xyes"; then
for arg in "$@"; do
local file=$1 mode=${2:-644}
result=$(sed -n 's/^name=//p' "$conf" | head -n1)
awk -F: '{ print $1, $NF }' names.txt
trap 'rm -f "$tmp"' EXIT INT TERM
printf '%s\n' "${words[@]}" >> "$out"
shift $((OPTIND - 1))
esac
done < <(find . -type f -print0)
echo "usage: $0 [-n count] file..." >&2
usage() { sed -n '2,8p' "$0"; }
n=`expr $n + 1`
export LC_ALL=C
cat << EOF > "$target"
return $?
. "$here/lib.sh"
<html lang="en"><head><meta charset="utf-8">
<title>Plants of the coast</title>
<link rel="stylesheet" href="css/main.css">
<nav id="menu"><a class="active" href="/">Home</a></nav>
<td align="right">12</td><td>apples</td>
<p>The <em>second</em> form is <strong>rarely</strong> used.</p>
<li><code>first()</code> gives the first item.</li>
<img src="map.png" alt="a map" width="320" height="200"/>
<a name="sec2"></a><h3>2. Details</h3>
<dt><a href="list.html#sort">sort</a></dt>
<pre class="code"><span class="k">if</span> x:</pre>
<option value="en" selected>English</option>
</div></section>
<br><hr size="1">
<svg viewBox="0 0 24 24"><path d="M4 6h16v2H4z"/></svg>
<button type="submit" onclick="send()">Send</button>
{% for item in items %}<li>{{ item.name|escape }}</li>{% endfor %}
<xs:element name="price" type="xs:decimal" minOccurs="0"/>
<dependency><groupId>org.garden</groupId></dependency>
<!-- the old menu -->
&copy; 2019 &mdash; all rights reserved
display: inline-block;
margin: 0 auto 1.5em;
padding-left: 12px;
background: #f4f4f4 url(leaf.png) no-repeat;
border-bottom: 1px solid #ddd;
color: var(--text-muted);
.menu > li:first-child {
#sidebar a:hover, #sidebar a:focus {
.btn-small { padding: 2px 6px; }
@font-face { font-family: "Garden"; src: url(garden.woff2); }
h1, h2 { line-height: 1.2; }
table.data td.num { text-align: right; }
@import url("print.css") print;
transition: opacity .2s ease-in;
grid-template-columns: repeat(3, 1fr);
z-index: 10 !important;
apiVersion: apps/v1
kind: ConfigMap
metadata: { name: web, labels: { app: web } }
replicas: 2
- name: run the tests
uses: actions/checkout@v4
run: make -j2 check
image: "alpine:3.19"
command: ["sh", "-c", "sleep 5"]
help_text: |
type: string
required: [name, age]
$ref: '#/components/schemas/Pet'
is_positional: false
arg_name: zone
- api_field: plant.leafColour
branches: [main]
indent_size = 4
[tool.black]
line-length = 100
requires = ["setuptools>=61", "wheel"]
authors = [{ name = "Ann Lee", email = "ann@garden.example" }]
edition = "2021"
rand = { version = "0.8", features = ["small_rng"] }
license = "MIT OR Apache-2.0"
[[bin]]
name = "count-words"
"name": "word-count",
"version": "0.3.1",
"scripts": { "test": "node test.js" },
"type": "object", "properties": {
"members": {
"shape": "StringList",
"description": "The width in pixels.",
"enum": ["small", "large"],
"minLength": 1,
"$id": "#/definitions/point",
{"x": 3, "y": 4, "label": "top"},
"dependencies": { "left-pad": "^1.3.0" }
"required": true
{"type": "Feature", "geometry": null}
"icons": ["leaf.svg"], "dark": false
server { listen 80; root /srv/www; }
location ~ \.php$ { fastcgi_pass unix:/run/php.sock; }
[Unit] Description=Count the words
ExecStart=/usr/bin/count --all
FROM debian:12-slim AS build
COPY --from=build /out/app /usr/bin/app
RUN apt-get update && apt-get install -y gcc
ENTRYPOINT ["/usr/bin/app"]
%.o: %.c ; $(CC) -c $< -o $@
.PHONY: all clean
target_link_libraries(app PRIVATE shapes)
find_package(Threads REQUIRED)
resource "bucket" "pages" { location = "EU" }
variable "zone" { type = string }
message Point { int32 x = 1; int32 y = 2; }
rpc Find (Query) returns (stream Page);
option java_package = "org.garden";
\usepackage[utf8]{inputenc}
$\sum_{i=1}^{n} x_i^2 \le 1$
| name | kind | default |
* [the first part](part1.md#start)
```python
.. code-block:: c
:param width: in pixels
)text";

}  // namespace logsieve
